# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the resources. Written by tools/gen_docs.py from the table: do not edit."""

from __future__ import annotations


class ModuleDocFragment:
    """One attribute per module."""

    LDAP_AUTHENTICATION = r"""
options:
  ldap_url:
    description:
    - Address of the directory, such as V(ldaps://ldap.example.com:636).
    type: str
  ldap_verify_cert:
    description:
    - Whether the certificate of the directory is checked.
    type: bool
  ldap_timeout:
    description:
    - How long Harbor waits for the directory, in seconds.
    type: int
  ldap_search_dn:
    description:
    - Account that Harbor searches the directory with.
    type: str
  ldap_search_password:
    description:
    - Password of O(ldap_search_dn). Harbor never gives it back.
    - It is sent whenever O(ldap_search_dn) changes, and otherwise as O(update_secret) says.
    type: str
  ldap_base_dn:
    description:
    - Where in the directory users are.
    type: str
  ldap_uid:
    description:
    - Attribute that holds the login name, such as V(uid) or V(sAMAccountName).
    type: str
  ldap_filter:
    description:
    - Filter that users must match, such as V((objectClass=person\)).
    type: str
  ldap_scope:
    description:
    - How deep below O(ldap_base_dn) users are looked for.
    type: str
    choices:
    - base
    - onelevel
    - subtree
  ldap_group_base_dn:
    description:
    - Where in the directory groups are.
    type: str
  ldap_group_search_filter:
    description:
    - Filter that groups must match, such as V((objectClass=groupOfNames\)). Empty for no groups.
    type: str
  ldap_group_attribute_name:
    description:
    - Attribute that holds the name of a group, such as V(cn).
    type: str
  ldap_group_search_scope:
    description:
    - How deep below O(ldap_group_base_dn) groups are looked for.
    type: str
    choices:
    - base
    - onelevel
    - subtree
  ldap_group_membership_attribute:
    description:
    - Attribute of a user that lists the groups, such as V(memberof).
    type: str
  ldap_group_admin_dn:
    description:
    - Group whose members are administrators. Harbor keeps it in lower case.
    type: str
  ldap_group_attach_parallel:
    description:
    - Whether the groups of a user are looked up in parallel at a login.
    type: bool
  verify_user:
    description:
    - Login name that Harbor must find in the directory with these settings. The run fails when it does not.
    type: str
  verify_group_dn:
    description:
    - DN of a group that Harbor must find in the directory with these settings. The run fails when it does not.
    type: str
  update_secret:
    description:
    - When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.
    - V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.
    - V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when
      that fails.
    - A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.
    type: str
    choices:
    - on_create
    - on_drift
    - always
    default: on_create
"""

    LDAP_AUTHENTICATION_INFO = r"""
options: {}
"""

    OIDC_AUTHENTICATION = r"""
options:
  oidc_name:
    description:
    - Name of the provider on the login page.
    type: str
  oidc_endpoint:
    description:
    - Address of the provider (its issuer).
    type: str
  oidc_verify_cert:
    description:
    - Whether the certificate of the provider is checked.
    type: bool
  oidc_client_id:
    description:
    - Client identifier at the provider.
    type: str
  oidc_client_secret:
    description:
    - Secret that belongs to O(oidc_client_id). Harbor never gives it back.
    - It is sent whenever O(oidc_client_id) changes, and with V(always) in O(update_secret); there is no way to try it out.
    type: str
  oidc_scope:
    description:
    - Scopes that Harbor asks for, in any order, V(openid) among them.
    type: list
    elements: str
  oidc_user_claim:
    description:
    - Claim that becomes the name of a new user, such as V(preferred_username).
    type: str
  oidc_auto_onboard:
    description:
    - Whether a new user gets the name from the claim without being asked.
    type: bool
  oidc_groups_claim:
    description:
    - Claim that lists the groups of a user.
    type: str
  oidc_admin_group:
    description:
    - Group whose members are administrators.
    type: str
  oidc_group_filter:
    description:
    - Regular expression for the groups that Harbor takes over. Empty for all.
    type: str
  oidc_logout:
    description:
    - Whether logging out of Harbor also ends the session at the provider.
    type: bool
  oidc_extra_redirect_parms:
    description:
    - Names and values that are added to the address of the provider's login page. An empty dictionary for none.
    type: dict
  update_secret:
    description:
    - When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.
    - V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.
    - V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when
      that fails.
    - A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.
    type: str
    choices:
    - on_create
    - on_drift
    - always
    default: on_create
"""

    OIDC_AUTHENTICATION_INFO = r"""
options: {}
"""

    HTTP_AUTHENTICATION = r"""
options:
  http_authproxy_endpoint:
    description:
    - Address that checks a name and a password.
    type: str
  http_authproxy_tokenreview_endpoint:
    description:
    - Address that reviews tokens.
    type: str
  http_authproxy_verify_cert:
    description:
    - Whether the certificates of both are checked.
    type: bool
  http_authproxy_server_certificate:
    description:
    - PEM text of the certificate that both must show. Empty for the certificates that Harbor trusts anyway.
    type: str
  http_authproxy_skip_search:
    description:
    - Whether people may be added before their first login without a search for them.
    type: bool
  http_authproxy_admin_groups:
    description:
    - Groups whose members are administrators, in any order.
    type: list
    elements: str
  http_authproxy_admin_usernames:
    description:
    - Users who are administrators, in any order.
    type: list
    elements: str
"""

    HTTP_AUTHENTICATION_INFO = r"""
options: {}
"""

    CONFIGURATION = r"""
options:
  auth_mode:
    description:
    - Where users come from. Harbor changes it only while it has no user but its administrator.
    - The rest of the run goes by the declared mode.
    type: str
    choices:
    - db_auth
    - ldap_auth
    - oidc_auth
    - http_auth
    - uaa_auth
  primary_auth_mode:
    description:
    - Whether the login page leads straight to the identity provider.
    type: bool
  self_registration:
    description:
    - Whether people may make themselves an account. Only for V(db_auth) in O(auth_mode).
    type: bool
  project_creation_restriction:
    description:
    - Who may create projects.
    type: str
    choices:
    - everyone
    - adminonly
  read_only:
    description:
    - Whether nothing can be pushed, deleted or changed.
    - It is switched on by the last write of a run, and off by the first.
    type: bool
  token_expiration:
    description:
    - How long a token for a push or pull is good, in minutes.
    type: int
  session_timeout:
    description:
    - How long an idle session in the web pages lasts, in minutes.
    type: int
  robot_token_duration:
    description:
    - Days that a new robot lasts when it says nothing itself.
    type: int
  robot_name_prefix:
    description:
    - What robots' names begin with. Changing it changes the login of every robot at once.
    - It is changed by the last write of a run.
    type: str
  notification_enable:
    description:
    - Whether webhooks are sent.
    type: bool
  quota_per_project_enable:
    description:
    - Whether storage is counted and limited per project.
    type: bool
  scanner_skip_update_pulltime:
    description:
    - Whether pulls by scanners leave the time of the last pull as it is.
    type: bool
  audit_log_forward_endpoint:
    description:
    - Syslog server for audit events as host and port, such as V(syslog.example.com:514). Empty for none.
    - Harbor connects to it before it takes the change.
    type: str
  skip_audit_log_database:
    description:
    - Whether audit events only go to O(audit_log_forward_endpoint) and not into the database.
    type: bool
  disabled_audit_log_event_types:
    description:
    - 'Kinds of events that are not recorded, in any order: V(create_artifact), V(create_project), V(create_robot), V(create_user),
      V(delete_artifact), V(delete_project), V(delete_repository), V(delete_robot), V(delete_user), V(login_user), V(logout_user),
      V(pull_artifact), V(update_configuration), V(update_user).'
    type: list
    elements: str
  banner_message:
    description:
    - Message at the top of the web pages. Replaces the former one; an empty dictionary removes it.
    - Harbor shows it only with one of C(from_date) and C(to_date).
    type: dict
    suboptions:
      text:
        description:
        - What the banner says. An empty text removes the banner.
        type: str
      type:
        description:
        - How the banner looks. V(warning) when not given.
        type: str
        choices:
        - success
        - info
        - warning
        - danger
      closable:
        description:
        - Whether a reader may close the banner. V(false) when not given.
        type: bool
      from_date:
        description:
        - First day on which the banner is shown, such as V(2027-01-31).
        type: str
      to_date:
        description:
        - Day on whose beginning the banner goes, such as V(2027-02-01).
        type: str
  uaa_endpoint:
    description:
    - Address of the UAA server, for V(uaa_auth) in O(auth_mode).
    type: str
  uaa_client_id:
    description:
    - Client identifier at the UAA server.
    type: str
  uaa_client_secret:
    description:
    - Secret that belongs to O(uaa_client_id). Harbor gives it back, so it is compared at every run, but never shown.
    type: str
  uaa_verify_cert:
    description:
    - Whether the certificate of the UAA server is checked.
    type: bool
"""

    CONFIGURATION_INFO = r"""
options: {}
"""

    CVE_ALLOWLIST = r"""
options:
  cves:
    description:
    - Identifiers of vulnerabilities that are accepted, in any order. Replaces the list; an empty list empties it.
    type: list
    elements: str
  expires_at:
    description:
    - 'When the list ends: an ISO 8601 date or time such as V(2027-01-31), in UTC unless it says otherwise, or V(never).'
    type: str
"""

    CVE_ALLOWLIST_INFO = r"""
options: {}
"""

    REGISTRY = r"""
options:
  name:
    description:
    - Name of the endpoint, at most 64 characters.
    type: str
    required: true
  type:
    description:
    - Kind of the registry. Needed to create; cannot be changed later.
    type: str
    choices:
    - ali-acr
    - aws-ecr
    - azure-acr
    - docker-hub
    - docker-registry
    - dtr
    - github-ghcr
    - gitlab
    - google-gcr
    - harbor
    - huawei-SWR
    - jfrog-artifactory
    - quay
    - tencent-tcr
    - volcengine-cr
  url:
    description:
    - Address of the registry. Needed to create. Harbor contacts it at every change.
    type: str
  description:
    description:
    - What the endpoint is for.
    type: str
  insecure:
    description:
    - Whether Harbor skips the check of the registry's certificate.
    type: bool
  ca_certificate:
    description:
    - PEM text of the CA that signed the registry's certificate. An empty text removes it.
    - Needs Harbor 2.15.0.
    type: str
  access_key:
    description:
    - User name or key identifier for the registry. An empty text removes the credential.
    type: str
  access_secret:
    description:
    - Password or secret key that belongs to O(access_key). Harbor never gives it back.
    type: str
  verify:
    description:
    - 'Whether Harbor must reach the registry now: it is asked to, also in check mode and when nothing is to be changed.'
    - When it does not, the task fails and changes nothing.
    type: bool
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
  update_secret:
    description:
    - When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.
    - V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.
    - V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when
      that fails.
    - A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.
    type: str
    choices:
    - on_create
    - on_drift
    - always
    default: on_create
"""

    REGISTRY_INFO = r"""
options:
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    PREHEAT_INSTANCE = r"""
options:
  name:
    description:
    - 'Name of the instance: letters and digits, separated by single C(.), C(_) or C(-).'
    type: str
    required: true
  vendor:
    description:
    - Software of the network. Needed to create; cannot be changed later.
    type: str
    choices:
    - dragonfly
    - kraken
  endpoint:
    description:
    - Address of the network's manager. Needed to create; no two instances have the same.
    type: str
  description:
    description:
    - What the instance is for.
    type: str
  auth_mode:
    description:
    - 'How Harbor logs in: V(basic) needs O(username) and O(password), V(oauth) needs O(token).'
    - A new instance without it is V(none).
    type: str
    choices:
    - none
    - basic
    - oauth
  username:
    description:
    - User name that belongs to O(password). Harbor tells neither of them, so it is sent together with the password only.
    type: str
  password:
    description:
    - Password for O(auth_mode=basic). Harbor never gives it back, and cannot tell whether the one that it has works.
    - So O(update_secret=on_drift) does not send it; V(always) does.
    type: str
  token:
    description:
    - Token for O(auth_mode=oauth). Sent when O(password) would be.
    type: str
  enabled:
    description:
    - Whether the instance may be used. A new one without it is enabled. One that a policy uses cannot be switched off.
    type: bool
  default:
    description:
    - Whether the instance is the one that new policies are offered first. Takes that from any other one.
    type: bool
  insecure:
    description:
    - Whether Harbor skips the check of the instance's certificate.
    type: bool
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
  update_secret:
    description:
    - When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.
    - V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.
    - V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when
      that fails.
    - A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.
    type: str
    choices:
    - on_create
    - on_drift
    - always
    default: on_create
"""

    PREHEAT_INSTANCE_INFO = r"""
options:
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    SCANNER = r"""
options:
  name:
    description:
    - Name of the scanner. V(Trivy) is Harbor's own; only its O(default) can be changed.
    type: str
    required: true
  url:
    description:
    - Address of the scanner's adapter. Needed to create. Harbor contacts it before a change is made.
    type: str
  description:
    description:
    - What the scanner is for.
    type: str
  auth:
    description:
    - How Harbor logs in at the adapter.
    type: str
    choices:
    - none
    - basic
    - bearer
    - api_key
  access_credential:
    description:
    - User name and password with a colon between them, token or key, by O(auth).
    - It is sent to a new scanner, when O(auth) changes, and otherwise as O(update_secret) says.
    type: str
  skip_cert_verify:
    description:
    - Whether the certificate of the adapter is not checked.
    type: bool
  use_internal_addr:
    description:
    - Whether the scanner pulls from Harbor's inner address, which only one beside Harbor reaches.
    type: bool
  disabled:
    description:
    - Whether the scanner is out of use.
    type: bool
  default:
    description:
    - Whether the scanner serves all projects that have none of their own. One scanner is the default.
    type: bool
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
  update_secret:
    description:
    - When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.
    - V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.
    - V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when
      that fails.
    - A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.
    type: str
    choices:
    - on_create
    - on_drift
    - always
    default: on_create
"""

    SCANNER_INFO = r"""
options:
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    USER_GROUP = r"""
options:
  name:
    description:
    - Name of the group, as the identity provider says it. Unique across all types.
    type: str
    required: true
  type:
    description:
    - Where the group comes from. Needed to create; cannot be changed later.
    type: str
    choices:
    - ldap
    - http
    - oidc
  ldap_group_dn:
    description:
    - Distinguished name of an LDAP group. Harbor keeps it in lower case; cannot be changed later.
    type: str
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    USER_GROUP_INFO = r"""
options:
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    USER = r"""
options:
  username:
    description:
    - 'Login name, case-sensitive. None of the characters , " ~ # % $.'
    type: str
    required: true
  email:
    description:
    - E-mail address, unique. Needed to create.
    type: str
  realname:
    description:
    - 'Full name. Needed to create. None of the characters , " ~ # % $.'
    type: str
  comment:
    description:
    - Remark, at most 30 characters.
    type: str
  sysadmin:
    description:
    - Whether the user is a system administrator.
    type: bool
  password:
    description:
    - 'Password: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Needed to create.'
    - Harbor never gives it back; O(update_secret) says when it is sent to a user that exists.
    type: str
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
  update_secret:
    description:
    - When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.
    - V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.
    - V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when
      that fails.
    - A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.
    type: str
    choices:
    - on_create
    - on_drift
    - always
    default: on_create
"""

    USER_INFO = r"""
options:
  username:
    description:
    - Return only objects with this username, compared exactly.
    type: str
"""

    PROJECT = r"""
options:
  name:
    description:
    - 'Name of the project: lower-case letters and digits, separated by single C(.), C(_) or C(-), at most 255 characters.'
    type: str
    required: true
  public:
    description:
    - Whether anyone may pull, without a login.
    type: bool
  storage_limit:
    description:
    - 'Quota of the project: V(unlimited), bytes, or a number with a unit such as V(20GiB), up to 1024TiB.'
    - Refused when it is below what the project uses already.
    type: str
  registry:
    description:
    - Name of the registry that the project is a proxy cache of. Cannot be changed later; an empty text means none.
    type: str
  enable_content_trust:
    description:
    - Whether only images with a Notation signature may be pulled.
    - Only for projects that are no proxy cache.
    type: bool
  enable_content_trust_cosign:
    description:
    - Whether only images with a Cosign signature may be pulled.
    type: bool
  prevent_vul:
    description:
    - Whether images with vulnerabilities of O(severity) or worse are refused on pull.
    type: bool
  severity:
    description:
    - Lowest severity that O(prevent_vul) refuses; V(none) refuses any finding.
    type: str
    choices:
    - none
    - low
    - medium
    - high
    - critical
  scanner:
    description:
    - Name of the scanner of the project. An empty text means the default scanner of the system.
    type: str
  auto_scan:
    description:
    - Whether images are scanned when they are pushed.
    type: bool
  auto_sbom_generation:
    description:
    - Whether an SBOM is generated when an image is pushed.
    type: bool
  reuse_sys_cve_allowlist:
    description:
    - Whether the allowlist of the whole system is in force instead of O(cve_allowlist).
    type: bool
  proxy_speed_kb:
    description:
    - Bandwidth limit towards the registry of a proxy cache in Kbit/s; V(-1) for none.
    - Only for proxy-cache projects.
    type: int
  max_upstream_conn:
    description:
    - Most connections to the registry of a proxy cache per artifact; V(-1) for no limit.
    - Needs Harbor 2.14.0.
    - Only for proxy-cache projects.
    type: int
  proxy_cache_local_on_not_found:
    description:
    - Whether a proxy cache serves an image that its registry no longer has.
    - Needs Harbor 2.15.1.
    type: bool
  cve_allowlist:
    description:
    - Identifiers of vulnerabilities that the project accepts, in any order. Replaces the list; an empty list empties it.
    type: list
    elements: str
  cve_allowlist_expires_at:
    description:
    - 'When the allowlist ends: an ISO 8601 date or time such as V(2027-01-31), in UTC unless it says otherwise, or V(never).'
    type: str
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    PROJECT_INFO = r"""
options:
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    QUOTA = r"""
options:
  project:
    description:
    - Name of the project. Without it the limit is the one that new projects get; those that are there keep theirs.
    type: str
  storage_limit:
    description:
    - V(unlimited), bytes, or a number with a unit such as V(20GiB), up to 1024TiB.
    - The limit of a project is refused when it is below what the project uses already, and when the project is declared with
      another one in the same run.
    type: str
"""

    QUOTA_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
"""

    REPOSITORY = r"""
options:
  project:
    description:
    - Name of the project.
    type: str
    required: true
  name:
    description:
    - Name of the repository without that of the project, such as V(app) or V(team/app).
    type: str
    required: true
  description:
    description:
    - What the repository holds, as Harbor's pages show it. Markdown.
    type: str
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    REPOSITORY_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    LABEL = r"""
options:
  project:
    description:
    - Name of the project that the label belongs to. Without it the label is a global one.
    type: str
  name:
    description:
    - Name of the label, at most 128 characters.
    type: str
    required: true
  description:
    description:
    - What the label says about an artifact.
    type: str
  color:
    description:
    - Colour of the label, such as V(#0065AB), at most 16 characters.
    type: str
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    LABEL_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    PROJECT_MEMBER = r"""
options:
  project:
    description:
    - Name of the project.
    type: str
    required: true
  user:
    description:
    - Login name of the user, case-sensitive. Exactly one of O(user) and O(group) must be given.
    type: str
  group:
    description:
    - Name of the user group of LDAP, OIDC or HTTP authentication.
    type: str
  role:
    description:
    - Role in the project. Needed to create.
    type: str
    choices:
    - admin
    - maintainer
    - developer
    - guest
    - limited_guest
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    PROJECT_MEMBER_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
  user:
    description:
    - Return only objects with this user, compared exactly.
    type: str
  group:
    description:
    - Return only objects with this group, compared exactly.
    type: str
"""

    ROBOT = r"""
options:
  project:
    description:
    - Name of the project that the robot belongs to. Without it the robot is one of the system, which may reach many projects.
    type: str
  name:
    description:
    - 'Name without prefix and project: lower-case letters and digits, separated by single C(.), C(_) or C(-).'
    type: str
    required: true
  description:
    description:
    - What the robot is for.
    type: str
  disable:
    description:
    - Whether the robot is barred from logging in.
    type: bool
  duration:
    description:
    - Days from the creation until the robot expires, or V(-1) for never, which is what a new robot gets without it.
    - Harbor counts from the creation also when the duration of an old robot is changed.
    type: int
  permissions:
    description:
    - What the robot may do, in any order. Needed to create. Replaces all permissions.
    type: list
    elements: dict
    suboptions:
      kind:
        description:
        - Whether the permissions are about a project or about the whole system.
        type: str
        choices:
        - project
        - system
        default: project
      namespace:
        description:
        - Name of the project, or V(*) for all projects. Not needed for a robot of a project and for V(system).
        type: str
      access:
        description:
        - Permissions as C(resource:action), such as V(repository:pull).
        type: list
        elements: str
        required: true
  secret:
    description:
    - 'Password of the robot: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Needed to create.'
    - Harbor never gives it back; O(update_secret) says when it is sent to a robot that exists.
    type: str
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
  update_secret:
    description:
    - When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.
    - V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.
    - V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when
      that fails.
    - A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.
    type: str
    choices:
    - on_create
    - on_drift
    - always
    default: on_create
"""

    ROBOT_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
  expires_within_days:
    description:
    - Return only robots that expire within this many days or have expired already; V(0) for the latter only.
    type: int
"""

    IMMUTABLE_TAG_RULE = r"""
options:
  project:
    description:
    - Name of the project.
    type: str
    required: true
  repo_matching:
    description:
    - 'Pattern of the repositories that the rule is about, without the name of the project: C(*) stands for any text without
      a slash, C(**) for any text, C(?) for one character, C({app,web}) for one of several.'
    - Without this and O(repo_excluding) the rule is about all repositories.
    type: str
  repo_excluding:
    description:
    - Pattern of the repositories that the rule is not about.
    type: str
  tag_matching:
    description:
    - Pattern of the tags that cannot be overwritten or deleted. Exactly one of this and O(tag_excluding) must be given.
    type: str
  tag_excluding:
    description:
    - Pattern of the only tags that can still be overwritten and deleted.
    type: str
  disabled:
    description:
    - Whether the rule is kept but not in force.
    type: bool
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    IMMUTABLE_TAG_RULE_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
  repo_matching:
    description:
    - Return only objects with this repo_matching, compared exactly.
    type: str
  repo_excluding:
    description:
    - Return only objects with this repo_excluding, compared exactly.
    type: str
  tag_matching:
    description:
    - Return only objects with this tag_matching, compared exactly.
    type: str
  tag_excluding:
    description:
    - Return only objects with this tag_excluding, compared exactly.
    type: str
"""

    WEBHOOK_POLICY = r"""
options:
  project:
    description:
    - Name of the project.
    type: str
    required: true
  name:
    description:
    - Name of the webhook in the project, at most 256 characters.
    type: str
    required: true
  description:
    description:
    - What the webhook is for.
    type: str
  enabled:
    description:
    - Whether anything is sent. A new webhook is enabled unless this says otherwise.
    type: bool
  event_types:
    description:
    - What is told, in any order. Needed to create. Replaces the list.
    - Known are V(DELETE_ARTIFACT), V(PULL_ARTIFACT), V(PUSH_ARTIFACT), V(QUOTA_EXCEED), V(QUOTA_WARNING), V(REPLICATION),
      V(SCANNING_COMPLETED), V(SCANNING_FAILED), V(SCANNING_STOPPED), V(TAG_RETENTION).
    type: list
    elements: str
  type:
    description:
    - 'How it is told: V(http) sends JSON, V(slack) writes to a channel. A new webhook without it is V(http).'
    type: str
    choices:
    - http
    - slack
  address:
    description:
    - Address to send to. Needed to create. Whoever may read the webhooks of the project sees it.
    type: str
  auth_header:
    description:
    - Value of the Authorization header, such as C(Bearer) and a token. An empty text removes it.
    - Harbor gives it back, so a difference is seen at every run; it is never shown.
    type: str
  skip_cert_verify:
    description:
    - Whether the certificate of O(address) is not checked. A new webhook without it checks.
    type: bool
  payload_format:
    description:
    - Form of the JSON. A new webhook without it gets V(Default).
    - Only for the type http.
    type: str
    choices:
    - Default
    - CloudEvents
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    WEBHOOK_POLICY_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    RETENTION_POLICY = r"""
options:
  project:
    description:
    - Name of the project. Each has one policy at most.
    type: str
    required: true
  rules:
    description:
    - 'What is kept, in any order: an artifact stays when one rule keeps it. At most 15. Needed to create.'
    - In a repository that a rule is about, everything goes that no rule keeps; other repositories are left alone.
    - Replaces all rules; with an empty list nothing is deleted.
    type: list
    elements: dict
    suboptions:
      retain:
        description:
        - What the rule keeps of the artifacts that it is about.
        type: str
        choices:
        - most_recently_pushed
        - most_recently_pulled
        - pushed_within_days
        - pulled_within_days
        - everything
        required: true
      count:
        description:
        - How many artifacts of each repository are kept, with C(most_recently_pushed) and C(most_recently_pulled).
        type: int
      days:
        description:
        - For how many days artifacts are kept, with C(pushed_within_days) and C(pulled_within_days).
        type: int
      repo_matching:
        description:
        - 'Pattern of the repositories that the rule is about, without the name of the project: C(*) stands for any text without
          a slash, C(**) for any text, C(?) for one character, C({app,web}) for one of several. All, where neither pattern
          is given.'
        type: str
      repo_excluding:
        description:
        - Pattern of the repositories that the rule is not about.
        type: str
      tag_matching:
        description:
        - Pattern of the tags that the rule is about. All, where neither pattern is given.
        type: str
      tag_excluding:
        description:
        - Pattern of the tags that the rule is not about.
        type: str
      untagged:
        description:
        - Whether the rule is also about artifacts without a tag.
        type: bool
        default: true
      disabled:
        description:
        - Whether the rule is kept but not in force.
        type: bool
        default: false
  schedule:
    description:
    - 'When the policy runs: V(none), V(hourly), V(daily), V(weekly), or a cron string of six fields such as V(0 30 2 * *
      *), whose seconds are 0, in UTC. A new policy has none.'
    type: str
  max_deleted_percent:
    description:
    - 'Guard: the share of the project''s artifacts that the policy may delete in its first run, 0 to 100.'
    - Rules that changed, and a schedule where there was none, are saved without a schedule; a dry run finds out what they
      would delete. Above this share the previous policy is put back and the task fails; otherwise the schedule is set.
    - V(100) lets everything pass; the dry run is made and shown all the same. Projects without repositories need none.
    type: int
    default: 50
  dry_run_timeout:
    description:
    - How many seconds the dry run may take. After that the previous policy is put back and the task fails.
    type: int
    default: 600
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    RETENTION_POLICY_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
"""

    REPLICATION_POLICY = r"""
options:
  name:
    description:
    - Name of the policy, at most 256 characters.
    type: str
    required: true
  description:
    description:
    - What the policy is for.
    type: str
  src_registry:
    description:
    - Name of the registry to pull from. This or O(dest_registry) is needed to create.
    - Naming the other one later turns the policy round.
    type: str
  dest_registry:
    description:
    - Name of the registry to push to.
    type: str
  dest_namespace:
    description:
    - Project or path that the repositories get at the destination. An empty text keeps theirs.
    type: str
  dest_namespace_replace_count:
    description:
    - How many leading parts of a repository's path O(dest_namespace) replaces; V(-1) for all but the last one.
    type: int
  filters:
    description:
    - 'What is copied, in any order: an artifact must pass them all. Replaces the list; an empty list copies everything.'
    type: list
    elements: dict
    suboptions:
      type:
        description:
        - 'What is compared: the repository''s name with its project, the tag, the artifact''s labels or its kind.'
        type: str
        choices:
        - name
        - tag
        - label
        - resource
        required: true
      value:
        description:
        - Pattern for V(name) and V(tag), with C(*), C(**) across slashes, C(?) and alternatives in braces.
        - For V(resource) it is V(image) or V(artifact).
        type: str
      labels:
        description:
        - Names of labels for V(label), in any order. An artifact must have them all.
        type: list
        elements: str
      decoration:
        description:
        - Whether what matches is copied or left out; for V(tag) and V(label). The default is V(matches).
        type: str
        choices:
        - matches
        - excludes
  trigger:
    description:
    - When the policy runs. V(event_based) copies what is pushed as it is pushed, and is for policies that push.
    - A new policy without it is V(manual).
    type: str
    choices:
    - manual
    - scheduled
    - event_based
  cron:
    description:
    - 'When it runs, in UTC: seconds (always V(0)), minutes, hours, day, month and weekday, such as V(0 0 2 * * *).'
    - Must be given with O(trigger=scheduled).
    - Only for the trigger scheduled.
    type: str
  enabled:
    description:
    - Whether the policy runs at all. A new policy without it is enabled.
    type: bool
  override:
    description:
    - Whether a different image under the same tag is overwritten. A new policy without it does so.
    type: bool
  deletion:
    description:
    - Whether what is deleted at the source is deleted at the destination. Matters with O(trigger=event_based).
    type: bool
  speed:
    description:
    - Bandwidth limit of each copy in KB/s; V(0) for none.
    type: int
  copy_by_chunk:
    description:
    - Whether layers are copied piece by piece, which only other Harbors take.
    type: bool
  single_active_replication:
    description:
    - Whether a run is skipped while the one before is not over. Not with O(trigger=event_based).
    - Needs Harbor 2.14.0.
    type: bool
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    REPLICATION_POLICY_INFO = r"""
options:
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    PREHEAT_POLICY = r"""
options:
  project:
    description:
    - Name of the project whose images are preheated.
    type: str
    required: true
  name:
    description:
    - 'Name of the policy: letters and digits, separated by single C(.), C(_) or C(-).'
    type: str
    required: true
  description:
    description:
    - What the policy is for.
    type: str
  provider:
    description:
    - Name of the preheat instance that gets the images. Needed to create.
    type: str
  filters:
    description:
    - 'Which images are preheated, in any order: one must pass them all. Needed to create. Replaces the list.'
    type: list
    elements: dict
    suboptions:
      type:
        description:
        - 'What is compared: the repository''s name without its project, the tag, or the artifact''s labels.'
        type: str
        choices:
        - repository
        - tag
        - label
        required: true
      value:
        description:
        - Pattern for V(repository) and V(tag), with C(*), C(**) across slashes, C(?) and alternatives in braces.
        type: str
      labels:
        description:
        - Names of labels for V(label), in any order.
        type: list
        elements: str
  trigger:
    description:
    - When the policy runs. V(event_based) preheats an image when it is pushed, labelled or scanned.
    - A new policy without it is V(manual).
    type: str
    choices:
    - manual
    - scheduled
    - event_based
  cron:
    description:
    - 'When it runs, in UTC: seconds (always V(0)), minutes, hours, day, month and weekday, such as V(0 0 2 * * *).'
    - Must be given with O(trigger=scheduled).
    - Only for the trigger scheduled.
    type: str
  enabled:
    description:
    - Whether the policy runs at all. A new policy without it is enabled.
    type: bool
  extra_attrs:
    description:
    - What the network's software is told beside that, such as C(scope) and C(cluster_ids) for Dragonfly. Replaces all of
      it.
    type: dict
  state:
    description:
    - Whether the object shall be there. With V(absent) only the options that identify it count.
    type: str
    choices:
    - present
    - absent
    default: present
"""

    PREHEAT_POLICY_INFO = r"""
options:
  project:
    description:
    - Return only objects with this project, compared exactly.
    type: str
  name:
    description:
    - Return only objects with this name, compared exactly.
    type: str
"""

    SCAN_ALL = r"""
options:
  schedule:
    description:
    - When all artifacts are scanned.
    - V(none), V(hourly), V(daily), V(weekly), or six cron fields of which the first is 0, such as V(0 30 2 * * 6), in UTC.
    type: str
"""

    SCAN_ALL_INFO = r"""
options: {}
"""

    GARBAGE_COLLECTION = r"""
options:
  schedule:
    description:
    - When storage is freed that no artifact uses any more.
    - V(none), V(hourly), V(daily), V(weekly), or six cron fields of which the first is 0, such as V(0 30 2 * * 6), in UTC.
    type: str
  delete_untagged:
    description:
    - Whether artifacts without a tag are deleted.
    - Only for a schedule.
    type: bool
  delete_tag:
    description:
    - Whether the tags of deleted artifacts are deleted from the storage too.
    - Needs Harbor 2.15.0.
    - Only for a schedule.
    type: bool
  workers:
    description:
    - How many deletions run at once, 1 to 10.
    - Only for a schedule.
    type: int
"""

    GARBAGE_COLLECTION_INFO = r"""
options: {}
"""

    AUDIT_LOG_PURGE = r"""
options:
  schedule:
    description:
    - When old audit events are deleted.
    - V(none), V(hourly), V(daily), V(weekly), or six cron fields of which the first is 0, such as V(0 30 2 * * 6), in UTC.
    type: str
  audit_retention_hour:
    description:
    - How old events become before they are deleted, in hours, up to 240000.
    - Only for a schedule.
    type: int
  include_event_types:
    description:
    - 'Kinds of events that are deleted, in any order: V(create_artifact), V(create_project), V(create_robot), V(create_user),
      V(delete_artifact), V(delete_project), V(delete_repository), V(delete_robot), V(delete_user), V(login_user), V(logout_user),
      V(other), V(pull_artifact), V(update_configuration), V(update_user).'
    - Only for a schedule.
    type: list
    elements: str
"""

    AUDIT_LOG_PURGE_INFO = r"""
options: {}
"""

    REPLICATION_EXECUTION = r"""
options:
  policy:
    description:
    - Name of the replication policy. It must be enabled.
    type: str
    required: true
  state:
    description:
    - V(started) starts an execution. When one runs already with the same parameters it is joined instead, whoever started
      it; one that runs with other parameters is a reason to refuse.
    - V(stopped) stops all that run. Nothing to stop is no error.
    type: str
    choices:
    - started
    - stopped
    default: started
  wait:
    description:
    - Whether to wait for the end. Otherwise the module returns as soon as Harbor has taken the order.
    type: bool
    default: true
  timeout:
    description:
    - 'Seconds to wait for the end. After that the module fails, and the execution goes on in Harbor: run the module again
      to join it.'
    - Not to be confused with O(harbor_timeout), which is for one answer.
    type: int
    default: 1800
  interval:
    description:
    - Longest pause in seconds between two looks. The first ones follow each other more closely.
    type: float
    default: 5
"""

    RETENTION_EXECUTION = r"""
options:
  project:
    description:
    - Name of the project. It must have a retention policy.
    type: str
    required: true
  dry_run:
    description:
    - Whether to delete nothing and only say what would be deleted.
    type: bool
    default: false
  state:
    description:
    - V(started) starts an execution. When one runs already with the same parameters it is joined instead, whoever started
      it; one that runs with other parameters is a reason to refuse.
    - V(stopped) stops all that run. Nothing to stop is no error.
    type: str
    choices:
    - started
    - stopped
    default: started
  wait:
    description:
    - Whether to wait for the end. Otherwise the module returns as soon as Harbor has taken the order.
    type: bool
    default: true
  timeout:
    description:
    - 'Seconds to wait for the end. After that the module fails, and the execution goes on in Harbor: run the module again
      to join it.'
    - Not to be confused with O(harbor_timeout), which is for one answer.
    type: int
    default: 1800
  interval:
    description:
    - Longest pause in seconds between two looks. The first ones follow each other more closely.
    type: float
    default: 5
"""

    GARBAGE_COLLECTION_EXECUTION = r"""
options:
  dry_run:
    description:
    - Whether to delete nothing and only write into the log what would be deleted.
    type: bool
    default: false
  delete_untagged:
    description:
    - Whether artifacts without a tag are deleted first. Otherwise only blobs that nothing refers to are.
    type: bool
    default: false
  delete_tag:
    description:
    - Whether the tags in the storage of the registry are deleted too.
    - Needs Harbor 2.15.0.
    type: bool
  workers:
    description:
    - Number of workers that delete at the same time, 1 to 10.
    type: int
    default: 1
  state:
    description:
    - V(started) starts an execution. When one runs already with the same parameters it is joined instead, whoever started
      it; one that runs with other parameters is a reason to refuse.
    - V(stopped) stops all that run. Nothing to stop is no error.
    type: str
    choices:
    - started
    - stopped
    default: started
  wait:
    description:
    - Whether to wait for the end. Otherwise the module returns as soon as Harbor has taken the order.
    type: bool
    default: true
  timeout:
    description:
    - 'Seconds to wait for the end. After that the module fails, and the execution goes on in Harbor: run the module again
      to join it.'
    - Not to be confused with O(harbor_timeout), which is for one answer.
    type: int
    default: 1800
  interval:
    description:
    - Longest pause in seconds between two looks. The first ones follow each other more closely.
    type: float
    default: 5
"""

    SCAN_ALL_EXECUTION = r"""
options:
  state:
    description:
    - V(started) starts an execution. When one runs already with the same parameters it is joined instead, whoever started
      it; one that runs with other parameters is a reason to refuse.
    - V(stopped) stops all that run. Nothing to stop is no error.
    type: str
    choices:
    - started
    - stopped
    default: started
  wait:
    description:
    - Whether to wait for the end. Otherwise the module returns as soon as Harbor has taken the order.
    type: bool
    default: true
  timeout:
    description:
    - 'Seconds to wait for the end. After that the module fails, and the execution goes on in Harbor: run the module again
      to join it.'
    - Not to be confused with O(harbor_timeout), which is for one answer.
    type: int
    default: 1800
  interval:
    description:
    - Longest pause in seconds between two looks. The first ones follow each other more closely.
    type: float
    default: 5
"""

    AUDIT_LOG_PURGE_EXECUTION = r"""
options:
  dry_run:
    description:
    - Whether to delete nothing and only write into the log how many entries would be deleted.
    type: bool
    default: false
  audit_retention_hour:
    description:
    - Entries that are older than this many hours are deleted, 1 to 240000. Needed to start.
    type: int
  include_event_types:
    description:
    - Types of the entries that are deleted, such as V(create_artifact), V(delete_artifact), V(pull_artifact), or V(other)
      for all but these three. Needed to start.
    - Harbor says which types it knows; others are refused.
    type: list
    elements: str
  state:
    description:
    - V(started) starts an execution. When one runs already with the same parameters it is joined instead, whoever started
      it; one that runs with other parameters is a reason to refuse.
    - V(stopped) stops all that run. Nothing to stop is no error.
    type: str
    choices:
    - started
    - stopped
    default: started
  wait:
    description:
    - Whether to wait for the end. Otherwise the module returns as soon as Harbor has taken the order.
    type: bool
    default: true
  timeout:
    description:
    - 'Seconds to wait for the end. After that the module fails, and the execution goes on in Harbor: run the module again
      to join it.'
    - Not to be confused with O(harbor_timeout), which is for one answer.
    type: int
    default: 1800
  interval:
    description:
    - Longest pause in seconds between two looks. The first ones follow each other more closely.
    type: float
    default: 5
"""

    LDAP_IMPORT = r"""
options:
  uids:
    description:
    - Users, by the attribute of the directory that Harbor is configured to take for the login name.
    type: list
    elements: str
    required: true
"""

    JOB_QUEUE = r"""
options:
  job_types:
    description:
    - Queues, by the type of their jobs such as V(REPLICATION), V(GARBAGE_COLLECTION) or V(IMAGE_SCAN); V(all) for every queue.
    - 'V(SCHEDULER) is the queue of all schedules: while it is paused nothing starts by itself.'
    type: list
    elements: str
    required: true
  state:
    description:
    - Whether the queues hand out jobs. While a queue is V(paused), new jobs wait in it; those that run already go on.
    - Left as it is when not given.
    type: str
    choices:
    - paused
    - resumed
  stop_pending:
    description:
    - Whether all jobs that wait in the queues are stopped. They do not come back. Done before O(state) is changed.
    type: bool
"""

    SYSTEM_INFO = r"""
options: {}
"""

    AUDIT_LOG_INFO = r"""
options:
  project:
    description:
    - Return only entries about this project and what is in it.
    type: str
  username:
    description:
    - Return only what this user or robot account did, by its full name.
    type: str
  operation:
    description:
    - Return only entries of this operation, such as V(create), V(delete), V(pull) or V(update).
    type: str
  resource_type:
    description:
    - Return only entries about this kind of resource, such as V(artifact), V(project) or V(user).
    type: str
  resource:
    description:
    - Return only entries about the resource with this name, as the log spells it.
    type: str
  since:
    description:
    - 'Return only entries from this time on: an ISO 8601 date or time such as V(2027-01-31T12:00:00Z), in UTC without a zone.'
    type: str
  until:
    description:
    - Return only entries up to this time.
    type: str
  limit:
    description:
    - Return at most this many entries, the newest ones. Harbor is asked for no more pages than that needs.
    type: int
    default: 100
"""

    VULNERABILITY_INFO = r"""
options:
  cve_id:
    description:
    - Return only findings of this vulnerability, such as V(CVE-2026-0001).
    type: str
  severity:
    description:
    - Return only findings of this severity.
    type: str
    choices:
    - Critical
    - High
    - Medium
    - Low
    - Negligible
    - Unknown
    - None
  status:
    description:
    - Return only findings that the scanner gave this status, such as V(affected) or V(fixed).
    - Needs Harbor 2.14.0.
    type: str
  cvss_min:
    description:
    - Return only findings with at least this CVSS v3 score.
    type: float
  cvss_max:
    description:
    - Return only findings with at most this CVSS v3 score.
    type: float
  project:
    description:
    - Return only findings in this project.
    type: str
  repository:
    description:
    - Return only findings in this repository, with its project, such as V(payments/api).
    type: str
  package:
    description:
    - Return only findings in this package.
    type: str
  tag:
    description:
    - Return only findings in artifacts with this tag.
    type: str
  digest:
    description:
    - Return only findings in the artifact with this digest.
    type: str
  limit:
    description:
    - Return at most this many findings. Harbor is asked for no more pages than that needs.
    type: int
    default: 100
"""

    PERMISSION_INFO = r"""
options:
  project:
    description:
    - Return also what the caller may do in this project.
    type: str
"""

    STATE = r"""
options:
  desired:
    description:
    - The objects, by kind. Only what is declared is compared and changed. Either this or O(files).
    type: dict
    suboptions:
      ldap_authentication:
        description:
        - Settings of LDAP authentication. Left alone when not given.
        type: dict
        suboptions:
          ldap_url:
            description:
            - Address of the directory, such as V(ldaps://ldap.example.com:636).
            type: str
          ldap_verify_cert:
            description:
            - Whether the certificate of the directory is checked.
            type: bool
          ldap_timeout:
            description:
            - How long Harbor waits for the directory, in seconds.
            type: int
          ldap_search_dn:
            description:
            - Account that Harbor searches the directory with.
            type: str
          ldap_search_password:
            description:
            - Password of C(ldap_search_dn). Harbor never gives it back.
            - It is sent whenever C(ldap_search_dn) changes, and otherwise as O(update_secret) says.
            type: str
          ldap_base_dn:
            description:
            - Where in the directory users are.
            type: str
          ldap_uid:
            description:
            - Attribute that holds the login name, such as V(uid) or V(sAMAccountName).
            type: str
          ldap_filter:
            description:
            - Filter that users must match, such as V((objectClass=person\)).
            type: str
          ldap_scope:
            description:
            - How deep below C(ldap_base_dn) users are looked for.
            type: str
            choices:
            - base
            - onelevel
            - subtree
          ldap_group_base_dn:
            description:
            - Where in the directory groups are.
            type: str
          ldap_group_search_filter:
            description:
            - Filter that groups must match, such as V((objectClass=groupOfNames\)). Empty for no groups.
            type: str
          ldap_group_attribute_name:
            description:
            - Attribute that holds the name of a group, such as V(cn).
            type: str
          ldap_group_search_scope:
            description:
            - How deep below C(ldap_group_base_dn) groups are looked for.
            type: str
            choices:
            - base
            - onelevel
            - subtree
          ldap_group_membership_attribute:
            description:
            - Attribute of a user that lists the groups, such as V(memberof).
            type: str
          ldap_group_admin_dn:
            description:
            - Group whose members are administrators. Harbor keeps it in lower case.
            type: str
          ldap_group_attach_parallel:
            description:
            - Whether the groups of a user are looked up in parallel at a login.
            type: bool
          verify_user:
            description:
            - Login name that Harbor must find in the directory with these settings. The run fails when it does not.
            type: str
          verify_group_dn:
            description:
            - DN of a group that Harbor must find in the directory with these settings. The run fails when it does not.
            type: str
      oidc_authentication:
        description:
        - Settings of OpenID Connect authentication. Left alone when not given.
        type: dict
        suboptions:
          oidc_name:
            description:
            - Name of the provider on the login page.
            type: str
          oidc_endpoint:
            description:
            - Address of the provider (its issuer).
            type: str
          oidc_verify_cert:
            description:
            - Whether the certificate of the provider is checked.
            type: bool
          oidc_client_id:
            description:
            - Client identifier at the provider.
            type: str
          oidc_client_secret:
            description:
            - Secret that belongs to C(oidc_client_id). Harbor never gives it back.
            - It is sent whenever C(oidc_client_id) changes, and with V(always) in O(update_secret); there is no way to try
              it out.
            type: str
          oidc_scope:
            description:
            - Scopes that Harbor asks for, in any order, V(openid) among them.
            type: list
            elements: str
          oidc_user_claim:
            description:
            - Claim that becomes the name of a new user, such as V(preferred_username).
            type: str
          oidc_auto_onboard:
            description:
            - Whether a new user gets the name from the claim without being asked.
            type: bool
          oidc_groups_claim:
            description:
            - Claim that lists the groups of a user.
            type: str
          oidc_admin_group:
            description:
            - Group whose members are administrators.
            type: str
          oidc_group_filter:
            description:
            - Regular expression for the groups that Harbor takes over. Empty for all.
            type: str
          oidc_logout:
            description:
            - Whether logging out of Harbor also ends the session at the provider.
            type: bool
          oidc_extra_redirect_parms:
            description:
            - Names and values that are added to the address of the provider's login page. An empty dictionary for none.
            type: dict
      http_authentication:
        description:
        - Settings of authentication by an HTTP proxy. Left alone when not given.
        type: dict
        suboptions:
          http_authproxy_endpoint:
            description:
            - Address that checks a name and a password.
            type: str
          http_authproxy_tokenreview_endpoint:
            description:
            - Address that reviews tokens.
            type: str
          http_authproxy_verify_cert:
            description:
            - Whether the certificates of both are checked.
            type: bool
          http_authproxy_server_certificate:
            description:
            - PEM text of the certificate that both must show. Empty for the certificates that Harbor trusts anyway.
            type: str
          http_authproxy_skip_search:
            description:
            - Whether people may be added before their first login without a search for them.
            type: bool
          http_authproxy_admin_groups:
            description:
            - Groups whose members are administrators, in any order.
            type: list
            elements: str
          http_authproxy_admin_usernames:
            description:
            - Users who are administrators, in any order.
            type: list
            elements: str
      configuration:
        description:
        - Configuration of the system. Left alone when not given.
        type: dict
        suboptions:
          auth_mode:
            description:
            - Where users come from. Harbor changes it only while it has no user but its administrator.
            - The rest of the run goes by the declared mode.
            type: str
            choices:
            - db_auth
            - ldap_auth
            - oidc_auth
            - http_auth
            - uaa_auth
          primary_auth_mode:
            description:
            - Whether the login page leads straight to the identity provider.
            type: bool
          self_registration:
            description:
            - Whether people may make themselves an account. Only for V(db_auth) in C(auth_mode).
            type: bool
          project_creation_restriction:
            description:
            - Who may create projects.
            type: str
            choices:
            - everyone
            - adminonly
          read_only:
            description:
            - Whether nothing can be pushed, deleted or changed.
            - It is switched on by the last write of a run, and off by the first.
            type: bool
          token_expiration:
            description:
            - How long a token for a push or pull is good, in minutes.
            type: int
          session_timeout:
            description:
            - How long an idle session in the web pages lasts, in minutes.
            type: int
          robot_token_duration:
            description:
            - Days that a new robot lasts when it says nothing itself.
            type: int
          robot_name_prefix:
            description:
            - What robots' names begin with. Changing it changes the login of every robot at once.
            - It is changed by the last write of a run.
            type: str
          notification_enable:
            description:
            - Whether webhooks are sent.
            type: bool
          quota_per_project_enable:
            description:
            - Whether storage is counted and limited per project.
            type: bool
          scanner_skip_update_pulltime:
            description:
            - Whether pulls by scanners leave the time of the last pull as it is.
            type: bool
          audit_log_forward_endpoint:
            description:
            - Syslog server for audit events as host and port, such as V(syslog.example.com:514). Empty for none.
            - Harbor connects to it before it takes the change.
            type: str
          skip_audit_log_database:
            description:
            - Whether audit events only go to C(audit_log_forward_endpoint) and not into the database.
            type: bool
          disabled_audit_log_event_types:
            description:
            - 'Kinds of events that are not recorded, in any order: V(create_artifact), V(create_project), V(create_robot),
              V(create_user), V(delete_artifact), V(delete_project), V(delete_repository), V(delete_robot), V(delete_user),
              V(login_user), V(logout_user), V(pull_artifact), V(update_configuration), V(update_user).'
            type: list
            elements: str
          banner_message:
            description:
            - Message at the top of the web pages. Replaces the former one; an empty dictionary removes it.
            - Harbor shows it only with one of C(from_date) and C(to_date).
            type: dict
            suboptions:
              text:
                description:
                - What the banner says. An empty text removes the banner.
                type: str
              type:
                description:
                - How the banner looks. V(warning) when not given.
                type: str
                choices:
                - success
                - info
                - warning
                - danger
              closable:
                description:
                - Whether a reader may close the banner. V(false) when not given.
                type: bool
              from_date:
                description:
                - First day on which the banner is shown, such as V(2027-01-31).
                type: str
              to_date:
                description:
                - Day on whose beginning the banner goes, such as V(2027-02-01).
                type: str
          uaa_endpoint:
            description:
            - Address of the UAA server, for V(uaa_auth) in C(auth_mode).
            type: str
          uaa_client_id:
            description:
            - Client identifier at the UAA server.
            type: str
          uaa_client_secret:
            description:
            - Secret that belongs to C(uaa_client_id). Harbor gives it back, so it is compared at every run, but never shown.
            type: str
          uaa_verify_cert:
            description:
            - Whether the certificate of the UAA server is checked.
            type: bool
      cve_allowlist:
        description:
        - CVE allowlist of the system. Left alone when not given.
        type: dict
        suboptions:
          cves:
            description:
            - Identifiers of vulnerabilities that are accepted, in any order. Replaces the list; an empty list empties it.
            type: list
            elements: str
          expires_at:
            description:
            - 'When the list ends: an ISO 8601 date or time such as V(2027-01-31), in UTC unless it says otherwise, or V(never).'
            type: str
      registries:
        description:
        - Endpoints of other registries. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          name:
            description:
            - Name of the endpoint, at most 64 characters.
            type: str
            required: true
          type:
            description:
            - Kind of the registry. Needed to create; cannot be changed later.
            type: str
            choices:
            - ali-acr
            - aws-ecr
            - azure-acr
            - docker-hub
            - docker-registry
            - dtr
            - github-ghcr
            - gitlab
            - google-gcr
            - harbor
            - huawei-SWR
            - jfrog-artifactory
            - quay
            - tencent-tcr
            - volcengine-cr
          url:
            description:
            - Address of the registry. Needed to create. Harbor contacts it at every change.
            type: str
          description:
            description:
            - What the endpoint is for.
            type: str
          insecure:
            description:
            - Whether Harbor skips the check of the registry's certificate.
            type: bool
          ca_certificate:
            description:
            - PEM text of the CA that signed the registry's certificate. An empty text removes it.
            - Needs Harbor 2.15.0.
            type: str
          access_key:
            description:
            - User name or key identifier for the registry. An empty text removes the credential.
            type: str
          access_secret:
            description:
            - Password or secret key that belongs to C(access_key). Harbor never gives it back.
            type: str
          verify:
            description:
            - 'Whether Harbor must reach the registry now: it is asked to, also in check mode and when nothing is to be changed.'
            - When it does not, the task fails and changes nothing.
            type: bool
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      preheat_instances:
        description:
        - Instances of peer-to-peer networks for preheating. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          name:
            description:
            - 'Name of the instance: letters and digits, separated by single C(.), C(_) or C(-).'
            type: str
            required: true
          vendor:
            description:
            - Software of the network. Needed to create; cannot be changed later.
            type: str
            choices:
            - dragonfly
            - kraken
          endpoint:
            description:
            - Address of the network's manager. Needed to create; no two instances have the same.
            type: str
          description:
            description:
            - What the instance is for.
            type: str
          auth_mode:
            description:
            - 'How Harbor logs in: V(basic) needs C(username) and C(password), V(oauth) needs C(token).'
            - A new instance without it is V(none).
            type: str
            choices:
            - none
            - basic
            - oauth
          username:
            description:
            - User name that belongs to C(password). Harbor tells neither of them, so it is sent together with the password
              only.
            type: str
          password:
            description:
            - Password for C(auth_mode=basic). Harbor never gives it back, and cannot tell whether the one that it has works.
            - So O(update_secret=on_drift) does not send it; V(always) does.
            type: str
          token:
            description:
            - Token for C(auth_mode=oauth). Sent when C(password) would be.
            type: str
          enabled:
            description:
            - Whether the instance may be used. A new one without it is enabled. One that a policy uses cannot be switched
              off.
            type: bool
          default:
            description:
            - Whether the instance is the one that new policies are offered first. Takes that from any other one.
            type: bool
          insecure:
            description:
            - Whether Harbor skips the check of the instance's certificate.
            type: bool
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      scanners:
        description:
        - Vulnerability scanners. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          name:
            description:
            - Name of the scanner. V(Trivy) is Harbor's own; only its C(default) can be changed.
            type: str
            required: true
          url:
            description:
            - Address of the scanner's adapter. Needed to create. Harbor contacts it before a change is made.
            type: str
          description:
            description:
            - What the scanner is for.
            type: str
          auth:
            description:
            - How Harbor logs in at the adapter.
            type: str
            choices:
            - none
            - basic
            - bearer
            - api_key
          access_credential:
            description:
            - User name and password with a colon between them, token or key, by C(auth).
            - It is sent to a new scanner, when C(auth) changes, and otherwise as O(update_secret) says.
            type: str
          skip_cert_verify:
            description:
            - Whether the certificate of the adapter is not checked.
            type: bool
          use_internal_addr:
            description:
            - Whether the scanner pulls from Harbor's inner address, which only one beside Harbor reaches.
            type: bool
          disabled:
            description:
            - Whether the scanner is out of use.
            type: bool
          default:
            description:
            - Whether the scanner serves all projects that have none of their own. One scanner is the default.
            type: bool
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      user_groups:
        description:
        - Groups of LDAP, OIDC or HTTP authentication. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          name:
            description:
            - Name of the group, as the identity provider says it. Unique across all types.
            type: str
            required: true
          type:
            description:
            - Where the group comes from. Needed to create; cannot be changed later.
            type: str
            choices:
            - ldap
            - http
            - oidc
          ldap_group_dn:
            description:
            - Distinguished name of an LDAP group. Harbor keeps it in lower case; cannot be changed later.
            type: str
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      users:
        description:
        - Local users. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          username:
            description:
            - 'Login name, case-sensitive. None of the characters , " ~ # % $.'
            type: str
            required: true
          email:
            description:
            - E-mail address, unique. Needed to create.
            type: str
          realname:
            description:
            - 'Full name. Needed to create. None of the characters , " ~ # % $.'
            type: str
          comment:
            description:
            - Remark, at most 30 characters.
            type: str
          sysadmin:
            description:
            - Whether the user is a system administrator.
            type: bool
          password:
            description:
            - 'Password: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Needed to create.'
            - Harbor never gives it back; O(update_secret) says when it is sent to a user that exists.
            type: str
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      projects:
        description:
        - Projects. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          name:
            description:
            - 'Name of the project: lower-case letters and digits, separated by single C(.), C(_) or C(-), at most 255 characters.'
            type: str
            required: true
          public:
            description:
            - Whether anyone may pull, without a login.
            type: bool
          storage_limit:
            description:
            - 'Quota of the project: V(unlimited), bytes, or a number with a unit such as V(20GiB), up to 1024TiB.'
            - Refused when it is below what the project uses already.
            type: str
          registry:
            description:
            - Name of the registry that the project is a proxy cache of. Cannot be changed later; an empty text means none.
            type: str
          enable_content_trust:
            description:
            - Whether only images with a Notation signature may be pulled.
            - Only for projects that are no proxy cache.
            type: bool
          enable_content_trust_cosign:
            description:
            - Whether only images with a Cosign signature may be pulled.
            type: bool
          prevent_vul:
            description:
            - Whether images with vulnerabilities of C(severity) or worse are refused on pull.
            type: bool
          severity:
            description:
            - Lowest severity that C(prevent_vul) refuses; V(none) refuses any finding.
            type: str
            choices:
            - none
            - low
            - medium
            - high
            - critical
          scanner:
            description:
            - Name of the scanner of the project. An empty text means the default scanner of the system.
            type: str
          auto_scan:
            description:
            - Whether images are scanned when they are pushed.
            type: bool
          auto_sbom_generation:
            description:
            - Whether an SBOM is generated when an image is pushed.
            type: bool
          reuse_sys_cve_allowlist:
            description:
            - Whether the allowlist of the whole system is in force instead of C(cve_allowlist).
            type: bool
          proxy_speed_kb:
            description:
            - Bandwidth limit towards the registry of a proxy cache in Kbit/s; V(-1) for none.
            - Only for proxy-cache projects.
            type: int
          max_upstream_conn:
            description:
            - Most connections to the registry of a proxy cache per artifact; V(-1) for no limit.
            - Needs Harbor 2.14.0.
            - Only for proxy-cache projects.
            type: int
          proxy_cache_local_on_not_found:
            description:
            - Whether a proxy cache serves an image that its registry no longer has.
            - Needs Harbor 2.15.1.
            type: bool
          cve_allowlist:
            description:
            - Identifiers of vulnerabilities that the project accepts, in any order. Replaces the list; an empty list empties
              it.
            type: list
            elements: str
          cve_allowlist_expires_at:
            description:
            - 'When the allowlist ends: an ISO 8601 date or time such as V(2027-01-31), in UTC unless it says otherwise, or
              V(never).'
            type: str
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      quotas:
        description:
        - Limits of the storage that projects may take. Left alone when not given.
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project. Without it the limit is the one that new projects get; those that are there keep theirs.
            type: str
          storage_limit:
            description:
            - V(unlimited), bytes, or a number with a unit such as V(20GiB), up to 1024TiB.
            - The limit of a project is refused when it is below what the project uses already, and when the project is declared
              with another one in the same run.
            type: str
      repositories:
        description:
        - Repositories of projects. Left alone when not given.
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project.
            type: str
            required: true
          name:
            description:
            - Name of the repository without that of the project, such as V(app) or V(team/app).
            type: str
            required: true
          description:
            description:
            - What the repository holds, as Harbor's pages show it. Markdown.
            type: str
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      labels:
        description:
        - Labels for artifacts. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project that the label belongs to. Without it the label is a global one.
            type: str
          name:
            description:
            - Name of the label, at most 128 characters.
            type: str
            required: true
          description:
            description:
            - What the label says about an artifact.
            type: str
          color:
            description:
            - Colour of the label, such as V(#0065AB), at most 16 characters.
            type: str
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      project_members:
        description:
        - Members of projects. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project.
            type: str
            required: true
          user:
            description:
            - Login name of the user, case-sensitive. Exactly one of C(user) and C(group) must be given.
            type: str
          group:
            description:
            - Name of the user group of LDAP, OIDC or HTTP authentication.
            type: str
          role:
            description:
            - Role in the project. Needed to create.
            type: str
            choices:
            - admin
            - maintainer
            - developer
            - guest
            - limited_guest
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      robots:
        description:
        - Robot accounts. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project that the robot belongs to. Without it the robot is one of the system, which may reach many
              projects.
            type: str
          name:
            description:
            - 'Name without prefix and project: lower-case letters and digits, separated by single C(.), C(_) or C(-).'
            type: str
            required: true
          description:
            description:
            - What the robot is for.
            type: str
          disable:
            description:
            - Whether the robot is barred from logging in.
            type: bool
          duration:
            description:
            - Days from the creation until the robot expires, or V(-1) for never, which is what a new robot gets without it.
            - Harbor counts from the creation also when the duration of an old robot is changed.
            type: int
          permissions:
            description:
            - What the robot may do, in any order. Needed to create. Replaces all permissions.
            type: list
            elements: dict
            suboptions:
              kind:
                description:
                - Whether the permissions are about a project or about the whole system.
                type: str
                choices:
                - project
                - system
                default: project
              namespace:
                description:
                - Name of the project, or V(*) for all projects. Not needed for a robot of a project and for V(system).
                type: str
              access:
                description:
                - Permissions as C(resource:action), such as V(repository:pull).
                type: list
                elements: str
                required: true
          secret:
            description:
            - 'Password of the robot: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Needed
              to create.'
            - Harbor never gives it back; O(update_secret) says when it is sent to a robot that exists.
            type: str
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      immutable_tag_rules:
        description:
        - Rules that make tags immutable. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project.
            type: str
            required: true
          repo_matching:
            description:
            - 'Pattern of the repositories that the rule is about, without the name of the project: C(*) stands for any text
              without a slash, C(**) for any text, C(?) for one character, C({app,web}) for one of several.'
            - Without this and C(repo_excluding) the rule is about all repositories.
            type: str
          repo_excluding:
            description:
            - Pattern of the repositories that the rule is not about.
            type: str
          tag_matching:
            description:
            - Pattern of the tags that cannot be overwritten or deleted. Exactly one of this and C(tag_excluding) must be
              given.
            type: str
          tag_excluding:
            description:
            - Pattern of the only tags that can still be overwritten and deleted.
            type: str
          disabled:
            description:
            - Whether the rule is kept but not in force.
            type: bool
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      webhook_policies:
        description:
        - Webhooks of projects. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project.
            type: str
            required: true
          name:
            description:
            - Name of the webhook in the project, at most 256 characters.
            type: str
            required: true
          description:
            description:
            - What the webhook is for.
            type: str
          enabled:
            description:
            - Whether anything is sent. A new webhook is enabled unless this says otherwise.
            type: bool
          event_types:
            description:
            - What is told, in any order. Needed to create. Replaces the list.
            - Known are V(DELETE_ARTIFACT), V(PULL_ARTIFACT), V(PUSH_ARTIFACT), V(QUOTA_EXCEED), V(QUOTA_WARNING), V(REPLICATION),
              V(SCANNING_COMPLETED), V(SCANNING_FAILED), V(SCANNING_STOPPED), V(TAG_RETENTION).
            type: list
            elements: str
          type:
            description:
            - 'How it is told: V(http) sends JSON, V(slack) writes to a channel. A new webhook without it is V(http).'
            type: str
            choices:
            - http
            - slack
          address:
            description:
            - Address to send to. Needed to create. Whoever may read the webhooks of the project sees it.
            type: str
          auth_header:
            description:
            - Value of the Authorization header, such as C(Bearer) and a token. An empty text removes it.
            - Harbor gives it back, so a difference is seen at every run; it is never shown.
            type: str
          skip_cert_verify:
            description:
            - Whether the certificate of C(address) is not checked. A new webhook without it checks.
            type: bool
          payload_format:
            description:
            - Form of the JSON. A new webhook without it gets V(Default).
            - Only for the type http.
            type: str
            choices:
            - Default
            - CloudEvents
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      retention_policies:
        description:
        - Policies of projects that delete what no rule keeps. Left alone when not given.
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project. Each has one policy at most.
            type: str
            required: true
          rules:
            description:
            - 'What is kept, in any order: an artifact stays when one rule keeps it. At most 15. Needed to create.'
            - In a repository that a rule is about, everything goes that no rule keeps; other repositories are left alone.
            - Replaces all rules; with an empty list nothing is deleted.
            type: list
            elements: dict
            suboptions:
              retain:
                description:
                - What the rule keeps of the artifacts that it is about.
                type: str
                choices:
                - most_recently_pushed
                - most_recently_pulled
                - pushed_within_days
                - pulled_within_days
                - everything
                required: true
              count:
                description:
                - How many artifacts of each repository are kept, with C(most_recently_pushed) and C(most_recently_pulled).
                type: int
              days:
                description:
                - For how many days artifacts are kept, with C(pushed_within_days) and C(pulled_within_days).
                type: int
              repo_matching:
                description:
                - 'Pattern of the repositories that the rule is about, without the name of the project: C(*) stands for any
                  text without a slash, C(**) for any text, C(?) for one character, C({app,web}) for one of several. All,
                  where neither pattern is given.'
                type: str
              repo_excluding:
                description:
                - Pattern of the repositories that the rule is not about.
                type: str
              tag_matching:
                description:
                - Pattern of the tags that the rule is about. All, where neither pattern is given.
                type: str
              tag_excluding:
                description:
                - Pattern of the tags that the rule is not about.
                type: str
              untagged:
                description:
                - Whether the rule is also about artifacts without a tag.
                type: bool
                default: true
              disabled:
                description:
                - Whether the rule is kept but not in force.
                type: bool
                default: false
          schedule:
            description:
            - 'When the policy runs: V(none), V(hourly), V(daily), V(weekly), or a cron string of six fields such as V(0 30
              2 * * *), whose seconds are 0, in UTC. A new policy has none.'
            type: str
          max_deleted_percent:
            description:
            - 'Guard: the share of the project''s artifacts that the policy may delete in its first run, 0 to 100.'
            - Rules that changed, and a schedule where there was none, are saved without a schedule; a dry run finds out what
              they would delete. Above this share the previous policy is put back and the task fails; otherwise the schedule
              is set.
            - V(100) lets everything pass; the dry run is made and shown all the same. Projects without repositories need
              none.
            type: int
            default: 50
          dry_run_timeout:
            description:
            - How many seconds the dry run may take. After that the previous policy is put back and the task fails.
            type: int
            default: 600
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      replication_policies:
        description:
        - Replication policies. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          name:
            description:
            - Name of the policy, at most 256 characters.
            type: str
            required: true
          description:
            description:
            - What the policy is for.
            type: str
          src_registry:
            description:
            - Name of the registry to pull from. This or C(dest_registry) is needed to create.
            - Naming the other one later turns the policy round.
            type: str
          dest_registry:
            description:
            - Name of the registry to push to.
            type: str
          dest_namespace:
            description:
            - Project or path that the repositories get at the destination. An empty text keeps theirs.
            type: str
          dest_namespace_replace_count:
            description:
            - How many leading parts of a repository's path C(dest_namespace) replaces; V(-1) for all but the last one.
            type: int
          filters:
            description:
            - 'What is copied, in any order: an artifact must pass them all. Replaces the list; an empty list copies everything.'
            type: list
            elements: dict
            suboptions:
              type:
                description:
                - 'What is compared: the repository''s name with its project, the tag, the artifact''s labels or its kind.'
                type: str
                choices:
                - name
                - tag
                - label
                - resource
                required: true
              value:
                description:
                - Pattern for V(name) and V(tag), with C(*), C(**) across slashes, C(?) and alternatives in braces.
                - For V(resource) it is V(image) or V(artifact).
                type: str
              labels:
                description:
                - Names of labels for V(label), in any order. An artifact must have them all.
                type: list
                elements: str
              decoration:
                description:
                - Whether what matches is copied or left out; for V(tag) and V(label). The default is V(matches).
                type: str
                choices:
                - matches
                - excludes
          trigger:
            description:
            - When the policy runs. V(event_based) copies what is pushed as it is pushed, and is for policies that push.
            - A new policy without it is V(manual).
            type: str
            choices:
            - manual
            - scheduled
            - event_based
          cron:
            description:
            - 'When it runs, in UTC: seconds (always V(0)), minutes, hours, day, month and weekday, such as V(0 0 2 * * *).'
            - Must be given with C(trigger=scheduled).
            - Only for the trigger scheduled.
            type: str
          enabled:
            description:
            - Whether the policy runs at all. A new policy without it is enabled.
            type: bool
          override:
            description:
            - Whether a different image under the same tag is overwritten. A new policy without it does so.
            type: bool
          deletion:
            description:
            - Whether what is deleted at the source is deleted at the destination. Matters with C(trigger=event_based).
            type: bool
          speed:
            description:
            - Bandwidth limit of each copy in KB/s; V(0) for none.
            type: int
          copy_by_chunk:
            description:
            - Whether layers are copied piece by piece, which only other Harbors take.
            type: bool
          single_active_replication:
            description:
            - Whether a run is skipped while the one before is not over. Not with C(trigger=event_based).
            - Needs Harbor 2.14.0.
            type: bool
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      preheat_policies:
        description:
        - Preheat policies of projects. Left alone when not given; an empty list matters only to O(prune).
        type: list
        elements: dict
        suboptions:
          project:
            description:
            - Name of the project whose images are preheated.
            type: str
            required: true
          name:
            description:
            - 'Name of the policy: letters and digits, separated by single C(.), C(_) or C(-).'
            type: str
            required: true
          description:
            description:
            - What the policy is for.
            type: str
          provider:
            description:
            - Name of the preheat instance that gets the images. Needed to create.
            type: str
          filters:
            description:
            - 'Which images are preheated, in any order: one must pass them all. Needed to create. Replaces the list.'
            type: list
            elements: dict
            suboptions:
              type:
                description:
                - 'What is compared: the repository''s name without its project, the tag, or the artifact''s labels.'
                type: str
                choices:
                - repository
                - tag
                - label
                required: true
              value:
                description:
                - Pattern for V(repository) and V(tag), with C(*), C(**) across slashes, C(?) and alternatives in braces.
                type: str
              labels:
                description:
                - Names of labels for V(label), in any order.
                type: list
                elements: str
          trigger:
            description:
            - When the policy runs. V(event_based) preheats an image when it is pushed, labelled or scanned.
            - A new policy without it is V(manual).
            type: str
            choices:
            - manual
            - scheduled
            - event_based
          cron:
            description:
            - 'When it runs, in UTC: seconds (always V(0)), minutes, hours, day, month and weekday, such as V(0 0 2 * * *).'
            - Must be given with C(trigger=scheduled).
            - Only for the trigger scheduled.
            type: str
          enabled:
            description:
            - Whether the policy runs at all. A new policy without it is enabled.
            type: bool
          extra_attrs:
            description:
            - What the network's software is told beside that, such as C(scope) and C(cluster_ids) for Dragonfly. Replaces
              all of it.
            type: dict
          state:
            description:
            - Whether the object shall be there. With V(absent) only the options that identify it count.
            type: str
            choices:
            - present
            - absent
            default: present
      scan_all:
        description:
        - Schedule of the scan of everything. Left alone when not given.
        type: dict
        suboptions:
          schedule:
            description:
            - When all artifacts are scanned.
            - V(none), V(hourly), V(daily), V(weekly), or six cron fields of which the first is 0, such as V(0 30 2 * * 6),
              in UTC.
            type: str
      garbage_collection:
        description:
        - Schedule of the garbage collection. Left alone when not given.
        type: dict
        suboptions:
          schedule:
            description:
            - When storage is freed that no artifact uses any more.
            - V(none), V(hourly), V(daily), V(weekly), or six cron fields of which the first is 0, such as V(0 30 2 * * 6),
              in UTC.
            type: str
          delete_untagged:
            description:
            - Whether artifacts without a tag are deleted.
            - Only for a schedule.
            type: bool
          delete_tag:
            description:
            - Whether the tags of deleted artifacts are deleted from the storage too.
            - Needs Harbor 2.15.0.
            - Only for a schedule.
            type: bool
          workers:
            description:
            - How many deletions run at once, 1 to 10.
            - Only for a schedule.
            type: int
      audit_log_purge:
        description:
        - Schedule of the purge of audit events. Left alone when not given.
        type: dict
        suboptions:
          schedule:
            description:
            - When old audit events are deleted.
            - V(none), V(hourly), V(daily), V(weekly), or six cron fields of which the first is 0, such as V(0 30 2 * * 6),
              in UTC.
            type: str
          audit_retention_hour:
            description:
            - How old events become before they are deleted, in hours, up to 240000.
            - Only for a schedule.
            type: int
          include_event_types:
            description:
            - 'Kinds of events that are deleted, in any order: V(create_artifact), V(create_project), V(create_robot), V(create_user),
              V(delete_artifact), V(delete_project), V(delete_repository), V(delete_robot), V(delete_user), V(login_user),
              V(logout_user), V(other), V(pull_artifact), V(update_configuration), V(update_user).'
            - Only for a schedule.
            type: list
            elements: str
  files:
    description:
    - YAML files, directories of them (with those below), or globs, on the controller; together they hold what O(desired)
      would.
    - Relative paths start at the directory of the playbook. Files may be encrypted with Ansible Vault and may hold templates.
    - Each object is declared in one file only. Under C(defaults) a file may say, by kind, what all objects get that say nothing.
    type: list
    elements: str
  overlays:
    description:
    - More of the same, such as the directory of an environment. Each entry is laid over those before it.
    - For an object that is there already its fields replace those below, one by one; lists are replaced as a whole.
    type: list
    elements: str
  prune:
    description:
    - Kinds of which everything that is not declared is deleted. Each must be declared, if only as an empty list.
    - Members, robots and labels of projects are pruned only in projects that O(desired) names.
    - The built-in administrator, the account in use, memberships of project owners and robots for scans always stay.
    type: list
    elements: str
    choices:
    - registries
    - preheat_instances
    - scanners
    - user_groups
    - users
    - projects
    - labels
    - project_members
    - robots
    - immutable_tag_rules
    - webhook_policies
    - replication_policies
    - preheat_policies
    default: []
  protect:
    description:
    - Objects that O(prune) leaves alone, as patterns of kind and name such as V(projects/infra-*) or V(robots/*/ci).
    - An object that is declared absent by its name is deleted all the same.
    type: list
    elements: str
    default: []
  max_delete:
    description:
    - Refuse a plan that deletes more objects than this.
    type: int
    default: 10
  update_secret:
    description:
    - When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.
    - V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.
    - V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when
      that fails.
    - A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.
    type: str
    choices:
    - on_create
    - on_drift
    - always
    default: on_create
"""

    EXPORT = r"""
options:
  path:
    description:
    - File to write, readable for its owner only. Replaced in one step.
    type: path
    required: true
  kinds:
    description:
    - Kinds of objects to write.
    type: list
    elements: str
    choices: &id001
    - ldap_authentication
    - oidc_authentication
    - http_authentication
    - configuration
    - cve_allowlist
    - registries
    - preheat_instances
    - scanners
    - user_groups
    - users
    - projects
    - quotas
    - repositories
    - labels
    - project_members
    - robots
    - immutable_tag_rules
    - webhook_policies
    - retention_policies
    - replication_policies
    - preheat_policies
    - scan_all
    - garbage_collection
    - audit_log_purge
    default: *id001
"""
