using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Arrival;

/// <summary>
/// The way of a connection: its first bytes decide whether it goes to TLS, to TLS after a 101, or to plaintext HTTP, which it
/// may leave for TLS at a later request.
/// </summary>
/// <param name="next">The endpoint's HTTP, in plaintext.</param>
/// <param name="tls">TLS, followed by the endpoint's HTTP.</param>
/// <param name="arrival">Looks at the first bytes.</param>
/// <param name="policy">What is accepted.</param>
internal sealed class TlsUpgradeConnectionMiddleware(
    ConnectionDelegate next, ConnectionDelegate tls, ConnectionArrival arrival, UpgradePolicy policy)
{
    public Task OnConnectionAsync(ConnectionContext connection)
    {
        // A connection middleware in front has ended TLS already, or knows that somebody else has.
        return connection.Features.Get<ITlsConnectionFeature>() is null ? OnPlaintextConnectionAsync(connection) : next(connection);
    }

    private async Task OnPlaintextConnectionAsync(ConnectionContext connection)
    {
        var arrived = await arrival.ReceiveAsync(connection);
        switch (arrived.Kind)
        {
            case ArrivalKind.Tls:
                await tls(connection);
                break;

            case ArrivalKind.Upgrade:
                await connection.Transport.Output.WriteAsync(SwitchingProtocols.Response(arrived.Upgrade!.Token));
                await SwitchToTlsAsync(connection, arrived.Upgrade);
                break;

            case ArrivalKind.Plaintext:
                await ServePlaintextAsync(connection);
                break;
        }
    }

    private async Task ServePlaintextAsync(ConnectionContext connection)
    {
        var plaintext = new PlaintextConnection(connection, policy);
        UpgradeRequest? upgrade;
        try
        {
            await next(plaintext);
        }
        finally
        {
            upgrade = plaintext.End();
        }

        if (upgrade is not null)
        {
            await SwitchToTlsAsync(connection, upgrade);
        }
    }

    /// <summary>Whatever the client sent behind its request is still unread, and for the TLS handshake to refuse.</summary>
    private Task SwitchToTlsAsync(ConnectionContext connection, UpgradeRequest upgrade)
    {
        connection.Features.Set(upgrade);
        return tls(connection);
    }
}
