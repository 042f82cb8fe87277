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
    private volatile EndpointSettings? _settings;

    /// <summary>The endpoint's HTTP, in plaintext.</summary>
    public ConnectionDelegate Next => next;

    /// <summary>
    /// What is in force from now on, or <see langword="null"/> where nothing is upgraded. A connection keeps what was in force
    /// when it arrived, but for TLS: a handshake always shows the newest certificate.
    /// </summary>
    public EndpointSettings? Settings
    {
        get => _settings;
        set => _settings = value;
    }

    public Task OnConnectionAsync(ConnectionContext connection)
    {
        // A connection middleware in front has ended TLS already, or knows that somebody else has.
        return _settings is { } settings && connection.Features.Get<ITlsConnectionFeature>() is null
            ? OnPlaintextConnectionAsync(connection, settings)
            : next(connection);
    }

    private async Task OnPlaintextConnectionAsync(ConnectionContext connection, EndpointSettings settings)
    {
        ArrivedConnection arrived;
        var outcome = ConnectionOutcome.Silent;
        try
        {
            arrived = await settings.Arrival.ReceiveAsync(connection);
            if (arrived.Upgrade is { } upgrade)
            {
                outcome = ConnectionOutcome.Plaintext;
                await connection.Transport.Output.WriteAsync(SwitchingProtocols.Response(upgrade.Token));
            }
        }
        catch
        {
            // The pipes of a connection middleware in front may throw where Kestrel's own do not.
            settings.Observers.ConnectionSettled(new(connection, outcome));
            throw;
        }

        switch (arrived.Kind)
        {
            case ArrivalKind.Tls:
                await StartTlsAsync(connection, settings);
                break;

            case ArrivalKind.Upgrade:
                await SwitchToTlsAsync(connection, arrived.Upgrade!, settings);
                break;

            case ArrivalKind.Plaintext:
                await ServePlaintextAsync(connection, settings, arrived.IsSilent ? ConnectionOutcome.Silent : ConnectionOutcome.Plaintext);
                break;

            case ArrivalKind.Ended:
                settings.Observers.ConnectionSettled(new(connection, ConnectionOutcome.Silent));
                break;
        }
    }

    private async Task ServePlaintextAsync(ConnectionContext connection, EndpointSettings settings, ConnectionOutcome outcome)
    {
        var plaintext = new PlaintextConnection(connection, settings.Policy);
        UpgradeRequest? upgrade;
        var isServed = false;
        try
        {
            await next(plaintext);
            isServed = true;
        }
        finally
        {
            upgrade = plaintext.End();
            if (upgrade is null || !isServed)
            {
                settings.Observers.ConnectionSettled(new(connection, outcome));
            }
        }

        if (upgrade is not null)
        {
            await SwitchToTlsAsync(connection, upgrade, settings);
        }
    }

    /// <summary>Whatever the client sent behind its request is still unread, and for the TLS handshake to refuse.</summary>
    private Task SwitchToTlsAsync(ConnectionContext connection, UpgradeRequest upgrade, EndpointSettings settings)
    {
        connection.Features.Set(upgrade);
        return StartTlsAsync(connection, settings);
    }

    /// <summary>A connection may have been in clear text for long before it comes to this.</summary>
    private Task StartTlsAsync(ConnectionContext connection, EndpointSettings settings) =>
        (_settings ?? settings).Tls(connection);
}
