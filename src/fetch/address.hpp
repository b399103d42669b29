// Which addresses a server may be sent to by a client.
#pragma once

#include <string>

struct sockaddr;

namespace osprey::fetch {

/// Whether an address is on the public Internet: not loopback, private, link-local (where clouds keep their metadata),
/// shared, multicast, documentation, reserved or unspecified, and no IPv6 form that carries such an IPv4 address
/// (RFC 6890 and the IANA special-purpose registries). Other families than IPv4 and IPv6 are not.
[[nodiscard]] bool is_public_address(const sockaddr& address);

/// The address as text, without the port.
[[nodiscard]] std::string to_string(const sockaddr& address);

}  // namespace osprey::fetch
