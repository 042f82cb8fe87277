using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>
/// Why an endpoint on <c>localhost</c> cannot be bound. Kestrel binds it once for each version of IP, and wraps what fails unless it is an
/// <see cref="IOException"/>: the reason would come behind "Failed to bind", and twice.
/// </summary>
internal sealed class EndpointException : IOException
{
    private EndpointException(Exception failure)
        : base(failure.Message, failure.InnerException)
    {
    }

    /// <summary>Builds the connection middleware of an endpoint.</summary>
    public static ConnectionDelegate Build(ListenOptions endpoint, Func<ConnectionDelegate> build)
    {
        try
        {
            return build();
        }
        catch (Exception failure) when (IsLocalhost(endpoint) && failure is not IOException)
        {
            throw new EndpointException(failure);
        }
    }

    /// <summary>Kestrel has a class of its own for it. The one for any address lets failures through.</summary>
    private static bool IsLocalhost(ListenOptions endpoint) =>
        endpoint.GetType() != typeof(ListenOptions) && IPAddress.IsLoopback(endpoint.IPEndPoint!.Address);
}
