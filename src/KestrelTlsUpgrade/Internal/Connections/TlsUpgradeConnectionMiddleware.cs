using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Connections;

/// <summary>
/// The way of a connection: its first bytes decide whether it goes to TLS, to TLS after a 101, or to plaintext HTTP, which it
/// may leave for TLS at a later request.
/// </summary>
/// <param name="next">The endpoint's HTTP.</param>
/// <param name="active">The endpoint's settings.</param>
internal sealed class TlsUpgradeConnectionMiddleware(ConnectionDelegate next, ActiveSettings active)
{
    public Task OnConnectionAsync(ConnectionContext connection)
    {
        // A connection middleware in front has ended TLS already, or knows that somebody else has.
        return active.Current is { } settings && connection.Features.Get<ITlsConnectionFeature>() is null
            ? ServeAsync(new UpgradeConnection(connection, active, settings, next))
            : next(connection);
    }

    /// <summary>One method for all of it: what it awaits is what an idle connection keeps in memory.</summary>
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
            // What the client sent behind an upgrade request is still unread, and for the handshake to refuse.
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
