#!/usr/bin/env bash
# ansible-test sanity on what the tarball publishes, at its place in a collection tree, with no ignore file.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
export PATH="$root/.venv/bin:$PATH"
# ansible-test keeps its caches below HOME; the user's own stay untouched.
export HOME="$root/.build/home"
tree=.build/sanity/ansible_collections/dockmaster/harbor

tools/build.sh
rm -rf .build/sanity && mkdir -p "$(dirname "$tree")" "$HOME/.ansible/test/cache"
cp -r .build/collections/ansible_collections/dockmaster/harbor "$tree"
# What only the tarball has, and the one file of the checkout that ansible-test reads.
rm -f "$tree/MANIFEST.json" "$tree/FILES.json"
mkdir -p "$tree/tests" && cp tests/config.yml galaxy.yml "$tree/" && mv "$tree/config.yml" "$tree/tests/"
cp tools/pip_bootstrap.py "$HOME/.ansible/test/cache/get_pip_24_2.py"
cp tools/pip_bootstrap.py "$HOME/.ansible/test/cache/get_pip_25_2.py"

cd "$tree"
# ansible-test lists files by git: the copy needs a repository of its own, for the checkout's ignores this directory.
git init --quiet . && git add --all
version=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ANSIBLE_CONFIG=/dev/null ansible-test sanity --color no --local --python "$version" --requirements "$@" 2>&1 | tee "$root/.build/sanity/log"
if grep -q 'All targets skipped' "$root/.build/sanity/log"; then
  echo "sanity: ansible-test found no files"
  exit 1
fi
echo "sanity: $(grep -c '^Running sanity test' "$root/.build/sanity/log") passed, 0 failed"
