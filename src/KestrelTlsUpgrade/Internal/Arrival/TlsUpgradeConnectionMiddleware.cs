using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;
using KestrelTlsUpgrade.Internal.Plaintext;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Arrival;

/// <summary>
/// The way of a connection: its first bytes decide whether it goes to TLS, to TLS after a 101, or to plaintext HTTP, which it
/// may leave for TLS at a later request.
/// </summary>
/// <param name="next">The endpoint's HTTP, in plaintext.</param>
internal sealed class TlsUpgradeConnectionMiddleware(ConnectionDelegate next)
{
    private readonly ActiveSettings _active = new();

    /// <summary>The endpoint's HTTP, in plaintext.</summary>
    public ConnectionDelegate Next => next;

    /// <summary>The settings from now on, or <see langword="null"/> where nothing is upgraded.</summary>
    public EndpointSettings? Settings
    {
        get => _active.Current;
        set => _active.Current = value;
    }

    public Task OnConnectionAsync(ConnectionContext connection)
    {
        // A connection middleware in front has ended TLS already, or knows that somebody else has.
        return _active.Current is { } settings && connection.Features.Get<ITlsConnectionFeature>() is null
            ? OnPlaintextConnectionAsync(connection, settings)
            : next(connection);
    }

    /// <summary>One method for all of it: what it awaits is what an idle connection keeps in memory.</summary>
    private async Task OnPlaintextConnectionAsync(ConnectionContext connection, EndpointSettings settings)
    {
        ArrivalKind kind;
        UpgradeRequest? upgrade;
        var outcome = ConnectionOutcome.Silent;
        try
        {
            (kind, upgrade, _, var isSilent) = await settings.Arrival.ReceiveAsync(connection, _active);
            outcome = isSilent ? ConnectionOutcome.Silent : ConnectionOutcome.Plaintext;
            if (kind is ArrivalKind.Plaintext)
            {
                var plaintext = new PlaintextConnection(connection, _active);
                try
                {
                    await next(plaintext);
                }
                finally
                {
                    upgrade = plaintext.End();
                    settings = plaintext.UpgradeSettings ?? settings;
                }
            }
            else if (upgrade is not null)
            {
                settings = _active.Current ?? settings;
                await connection.Transport.Output.WriteAsync(SwitchingProtocols.Response(upgrade.Token));
            }
        }
        catch
        {
            Settle(connection, settings, outcome);
            throw;
        }

        if (upgrade is null && kind is not ArrivalKind.Tls)
        {
            Settle(connection, settings, outcome);
            return;
        }

        // What the client sent behind an upgrade request is still unread, and for the handshake to refuse.
        await settings.Tls.RunAsync(connection, upgrade, _active);
    }

    private static void Settle(ConnectionContext connection, EndpointSettings settings, ConnectionOutcome outcome) =>
        settings.Observers.ConnectionSettled(new(connection, outcome));
}
