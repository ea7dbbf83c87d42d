"""Builds the release files: the wheel, the Debian package, and their bill of materials (SBOM).

One Debian package serves every supported release, and needs no compiler and no network to install:

- Each Debian release has its own Python: 3.11 in Debian 12, 3.12 in Ubuntu 24.04, 3.13 in Debian 13, 3.14 in
  Ubuntu 26.04. A virtual environment for one of them, as dh-virtualenv packs it, breaks when the machine is
  upgraded to the next release.
- So the package has the wheels' compiled modules for each of these Pythons side by side in one
  ``site-packages``, like Debian's own ``/usr/lib/python3/dist-packages``. They don't collide: PEP 3149 puts
  the Python version into each name (``_core.cpython-313-x86_64-linux-gnu.so``). All other files of the wheels
  are the same, which `site_packages` checks.
- Around it is a virtual environment (``pyvenv.cfg``) whose ``bin/python3`` is the system's; its
  ``lib/python3.11``, ``lib/python3.12`` … are links to that one directory. Python finds the right one.
- An interpreter in the package would make us responsible for its security updates; a self-extracting archive
  (zipapp, pex) needs a directory to write programs into, which the service must not have.

``python -m package deb`` and ``python -m package sbom`` write into ``dist``.
"""
