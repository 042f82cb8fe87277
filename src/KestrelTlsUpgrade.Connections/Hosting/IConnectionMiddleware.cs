using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>A connection middleware of one of the packages. It shows the others what follows it.</summary>
internal interface IConnectionMiddleware
{
    ConnectionDelegate Next { get; }
}
