#!/bin/sh
# Trust the operator's certificates: every certificate file in /harbor_cust_cert and every ca.crt at most two levels below
# /etc/harbor/ssl. The system's bundle is kept aside once, so that a certificate that went away is no longer trusted.
set -eu

bundle=/etc/ssl/certs/ca-certificates.crt
pristine=$HOME/ca-certificates.pristine
new=$(mktemp)

[ -f "$pristine" ] || cp "$bundle" "$pristine"
cat "$pristine" >"$new"
if [ -d /etc/harbor/ssl ]; then
  find /etc/harbor/ssl -maxdepth 2 -name ca.crt -exec cat {} + >>"$new"
fi
if [ -d /harbor_cust_cert ]; then
  find /harbor_cust_cert -maxdepth 1 -type f \
    \( -name '*.crt' -o -name '*.ca' -o -name '*.ca-bundle' -o -name '*.pem' \) -exec cat {} + >>"$new"
fi
# In place: the directory is root's, the file is ours.
cat "$new" >"$bundle"
rm -f "$new"
