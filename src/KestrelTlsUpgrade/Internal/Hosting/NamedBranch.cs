using KestrelTlsUpgrade.Internal.Switching;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>Kestrel's TLS for a server name that has settings of its own.</summary>
/// <param name="Name">The name, <c>*.</c> and a suffix, or <c>*</c>.</param>
/// <param name="Tls">TLS, to be built.</param>
/// <param name="Terms">What the handshake asks for.</param>
internal sealed record NamedBranch(string Name, ListenOptions Tls, TlsTerms Terms);
