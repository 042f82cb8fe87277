using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>What a handshake for a server name asks of the client.</summary>
internal sealed record SniRequirements(ClientCertificateMode ClientCertificateMode, SslProtocols SslProtocols);
