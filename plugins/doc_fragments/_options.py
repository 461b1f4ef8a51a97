# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the resources. Written by tools/gen_docs.py from the table: do not edit."""

from __future__ import annotations


class ModuleDocFragment:
    """One attribute per module."""

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
    - V(on_create) never sends it; V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, and sends the secret when that shows a
      difference.
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
    - V(on_create) never sends it; V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, and sends the secret when that shows a
      difference.
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
    - V(on_create) never sends it; V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, and sends the secret when that shows a
      difference.
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
    - 'When it runs, in UTC: six fields (seconds, minutes, hours, day, month, weekday) such as V(0 0 2 * * *). The first is
      V(0).'
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

    STATE = r"""
options:
  desired:
    description:
    - The objects, by kind. Only what is declared is compared and changed. Either this or O(files).
    type: dict
    suboptions:
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
            - 'When it runs, in UTC: six fields (seconds, minutes, hours, day, month, weekday) such as V(0 0 2 * * *). The
              first is V(0).'
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
    - user_groups
    - users
    - projects
    - labels
    - project_members
    - robots
    - immutable_tag_rules
    - replication_policies
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
    - V(on_create) never sends it; V(always) sends it at every run and reports a change.
    - V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, and sends the secret when that shows a
      difference.
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
    - registries
    - user_groups
    - users
    - projects
    - labels
    - project_members
    - robots
    - immutable_tag_rules
    - replication_policies
    default: *id001
"""
