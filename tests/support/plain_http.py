"""For clients that speak no TLS: loading certificates would take 20 ms for each of them."""

import ssl
from typing import Final

NO_CERTIFICATES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
