using System.Net;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Soak.Server;

/// <summary>Counts the connections that it accepts.</summary>
internal sealed class DrainingListener(IConnectionListener listener, ServerActivity activity) : IConnectionListener
{
    public EndPoint EndPoint => listener.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        if (await listener.AcceptAsync(cancellationToken) is not { } connection)
        {
            return null;
        }

        activity.Accept();
        connection.ConnectionClosed.UnsafeRegister(static state => ((ServerActivity)state!).Close(), activity);
        return connection;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

    public ValueTask DisposeAsync() => listener.DisposeAsync();
}
