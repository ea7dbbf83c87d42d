"""Builds what is published: the wheel, the Debian package, and the list of what is in them (SBOM).

One Debian package serves every supported release, without a compiler or a network where it is installed.
How:

- The programs of a Debian release are built for its own Python, and that changes with each release: 3.11 in
  Debian 12, 3.12 in Ubuntu 24.04, 3.13 in Debian 13, 3.14 in Ubuntu 26.04. A virtual environment made for one
  of them, as dh-virtualenv packs it, breaks when the machine is upgraded to the next release.
- So the package holds the wheels' compiled modules for each of these Pythons side by side in one
  ``site-packages``, as Debian's own ``/usr/lib/python3/dist-packages`` does. They don't meet: PEP 3149 puts
  the Python into the name of each (``_core.cpython-313-x86_64-linux-gnu.so``). All other files of the wheels
  are the same, and `site_packages` makes sure of it.
- Around it stands a virtual environment (``pyvenv.cfg``) whose ``bin/python3`` is the system's; its
  ``lib/python3.11``, ``lib/python3.12`` … are links to that one directory. Python itself finds the right one.
- Another interpreter in the package would make us answer for its security updates; an archive that unpacks
  itself (zipapp, pex) needs a directory that it may write programs into, which the service must not have.

``python -m package deb`` and ``python -m package sbom`` write into ``dist``.
"""
