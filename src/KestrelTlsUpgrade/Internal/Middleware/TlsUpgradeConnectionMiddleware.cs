using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Middleware;

/// <summary>
/// Serves one connection. Its first bytes select TLS, TLS after a 101, or plaintext HTTP, which a later request may still upgrade.
/// </summary>
/// <param name="next">The endpoint's HTTP pipeline.</param>
/// <param name="active">The endpoint's current settings.</param>
internal sealed class TlsUpgradeConnectionMiddleware(ConnectionDelegate next, ActiveSettings active) : IConnectionMiddleware
{
    public ConnectionDelegate Next => next;

    public Task OnConnectionAsync(ConnectionContext connection)
    {
        if (active.Current is not { } settings)
        {
            connection.Features.Set(active);
            return next(connection);
        }

        // TLS has already been terminated, by an outer connection middleware or in front of the server.
        return connection.Features.Get<ITlsConnectionFeature>() is null
            ? ServeAsync(new UpgradeConnection(connection, active, settings, next))
            : next(connection);
    }

    /// <summary>A single async method: whatever is awaited here stays in memory for each idle connection.</summary>
    private static async Task ServeAsync(UpgradeConnection connection)
    {
        ArrivalKind kind;
        var outcome = ConnectionOutcome.Silent;
        try
        {
            (kind, var isSilent) = await ConnectionArrival.ReceiveAsync(connection);
            outcome = isSilent ? ConnectionOutcome.Silent : ConnectionOutcome.Plaintext;
            if (kind is ArrivalKind.Plaintext)
            {
                connection.Plaintext = new PlaintextConnection(connection);
                try
                {
                    await connection.Http(connection.Plaintext);
                }
                finally
                {
                    connection.Plaintext.End();
                    connection.Plaintext = null;
                }
            }
            else if (connection.Upgrade is { } upgrade)
            {
                await connection.Context.Transport.Output.WriteAsync(SwitchingProtocols.Response(upgrade.Token));
            }
        }
        catch
        {
            Settle(connection, outcome);
            throw;
        }

        if (kind is ArrivalKind.Tls || connection.Upgrade is not null)
        {
            // Anything the client sent after its upgrade request is still unread. The handshake refuses it.
            await TlsHandshake.RunAsync(connection);
        }
        else
        {
            Settle(connection, outcome);
        }
    }

    private static void Settle(UpgradeConnection connection, ConnectionOutcome outcome) =>
        connection.Settings.Services.Observers.ConnectionSettled(new(connection.Context, outcome));
}
