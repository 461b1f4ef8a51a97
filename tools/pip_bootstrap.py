# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test runs instead of downloading a pip bootstrap script: pip from ensurepip, then the pinned one from the index.

ansible-test looks for the script in its cache before it downloads one (ansible/test/lib/ansible_test/_internal/python_requirements.py).
"""

from __future__ import annotations

import subprocess
import sys

wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
subprocess.run([sys.executable, "-m", "pip", "install", *wanted], check=True)
