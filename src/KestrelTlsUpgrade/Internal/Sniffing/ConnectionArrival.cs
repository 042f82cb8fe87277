using System.Buffers;
using KestrelTlsUpgrade.Connections.Peeking;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>
/// Waits for the first bytes of a connection and classifies them. Consumes only the head of an accepted upgrade. Waits for no second byte:
/// one is enough to know TLS, and an incomplete head goes to plaintext HTTP at once.
/// </summary>
internal readonly struct ConnectionArrival : IPeekClassifier<ArrivedConnection>
{
    private readonly UpgradeConnection _connection;

    private ConnectionArrival(UpgradeConnection connection) => _connection = connection;

    /// <summary>Waits until the first bytes can be classified. Accepts the upgrade if the first request offers one.</summary>
    public static ValueTask<ArrivedConnection> ReceiveAsync(UpgradeConnection connection)
    {
        var settings = connection.Settings;
        return PeekLoop.RunAsync<ConnectionArrival, ArrivedConnection>(
            connection.Context,
            new ConnectionArrival(connection),
            settings.Policy.Limits.KeepAliveTimeout,
            timeoutOnceBegun: null,
            settings.Services.TimeProvider);
    }

    PeekVerdict<ArrivedConnection> IPeekClassifier<ArrivedConnection>.Classify(in ReadOnlySequence<byte> bytes)
    {
        var settings = _connection.Settings;
        if (settings.Rules.DirectTls is not DirectTlsMode.Off && FirstBytes.Classify(bytes) is ArrivalKind.Tls)
        {
            return PeekVerdict<ArrivedConnection>.Leave(new(ArrivalKind.Tls));
        }

        // Only the first segment is searched: a head that does not fit is upgraded in the same way as a later request. An offer is judged
        // by the current settings, not by those at accept.
        var headLength = FirstBytes.FindUpgradeHead(bytes.FirstSpan);
        if (headLength > 0
            && _connection.CurrentSettings is { } current
            && UpgradeHeadReader.Read(bytes.Slice(0, headLength), current.Policy, _connection.Context.RemoteEndPoint) is { } upgrade
            && (!upgrade.IsOptional || current.Fallback?.Judge(_connection.Context.RemoteEndPoint, upgrade) is null or DeclineReason.None))
        {
            upgrade.OfferedAt = settings.Services.TimeProvider.GetTimestamp();
            _connection.Accept(upgrade, current);
            return PeekVerdict<ArrivedConnection>.Take(headLength, new(ArrivalKind.Upgrade));
        }

        return bytes.IsEmpty
            ? PeekVerdict<ArrivedConnection>.Undecided(default)
            : PeekVerdict<ArrivedConnection>.Leave(new(ArrivalKind.Plaintext));
    }

    /// <summary>Kestrel handles whatever has arrived, and connections that failed or were closed without data.</summary>
    ArrivedConnection IPeekClassifier<ArrivedConnection>.End(ConnectionContext connection, PeekEnd end, ArrivedConnection last, bool isSilent)
    {
        if (!isSilent || end is PeekEnd.Completed or PeekEnd.Failed)
        {
            return new(ArrivalKind.Plaintext, isSilent);
        }

        EndedConnection.Tag(connection, isTimedOut: end is PeekEnd.TimedOut);
        return new(ArrivalKind.Ended, IsSilent: true);
    }
}

/// <summary>The result of sniffing a connection.</summary>
/// <param name="Kind">The protocol that the first bytes indicate.</param>
/// <param name="IsSilent">Whether the connection sent no byte.</param>
internal readonly record struct ArrivedConnection(ArrivalKind Kind, bool IsSilent = false);
