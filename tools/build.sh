#!/usr/bin/env bash
# Build the collection and install it from the tarball into an empty path, as a user would get it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" ANSIBLE_CONFIG="$PWD/ansible.cfg"

out=.build/dist
rm -rf "$out"
mkdir -p "$out"
# Built from what git tracks plus new files that it does not ignore: nothing that lies around gets published.
stage=$(mktemp -d .build/stage.XXXXXX)
trap 'rm -rf "$stage"' EXIT
git ls-files --cached --others --exclude-standard -z | while IFS= read -r -d '' file; do
  if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | tar --null --files-from=- -cf - | tar -xf - -C "$stage"
ansible-galaxy collection build --force --output-path "$out" "$stage" | sed 's/^/[build] /'
# Dependencies come with the ansible package; --offline proves that no server is asked. The path is empty, then takes the old one's place.
ANSIBLE_COLLECTIONS_PATH="$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
  ansible-galaxy collection install --offline --force -p "$stage/installed" "$out"/*.tar.gz 2>&1 | grep -v WARNING | sed 's/^/[build] /'
rm -rf .build/collections
mv "$stage/installed" .build/collections
