using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The requirements that a server name places on its clients.</summary>
internal sealed record SniRequirements(ClientCertificateMode ClientCertificateMode, SslProtocols SslProtocols);
