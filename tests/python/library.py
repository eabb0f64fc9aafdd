"""What SPADE 4 and PEAK have in common, under one set of names.

It is one or the other, whichever is installed: they cannot be in the same environment.
"""

import importlib.util

if importlib.util.find_spec("peak"):
    KIND = "peak"
    from on_peak import (  # noqa: F401
        CyclicBehaviour,
        Endpoint,
        Message,
        OneShotBehaviour,
        Template,
        metadata_of,
        run,
    )
else:
    KIND = "spade"
    from on_spade import (  # noqa: F401
        CyclicBehaviour,
        Endpoint,
        Message,
        OneShotBehaviour,
        Template,
        metadata_of,
        run,
    )
