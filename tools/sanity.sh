#!/usr/bin/env bash
# ansible-test sanity on a copy of what git tracks, at its place in a collection tree, with an empty ignore file.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
export PATH="$root/.venv/bin:$PATH"
# ansible-test keeps its caches below HOME; the user's own stay untouched.
export HOME="$root/.build/home"
tree=.build/sanity/ansible_collections/dockmaster/harbor

rm -rf "$tree" && mkdir -p "$tree" "$HOME/.ansible/test/cache"
git ls-files --cached --others --exclude-standard -z | while IFS= read -r -d '' file; do
  if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | tar --null --files-from=- -cf - | tar -xf - -C "$tree"
cp tools/pip_bootstrap.py "$HOME/.ansible/test/cache/get_pip_24_2.py"
cp tools/pip_bootstrap.py "$HOME/.ansible/test/cache/get_pip_25_2.py"

cd "$tree"
version=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ANSIBLE_CONFIG=/dev/null ansible-test sanity --color no --local --python "$version" --requirements "$@"
count=$(ansible-test sanity --list-tests | wc -l)
echo "sanity: $count passed, 0 failed"
