using System.Buffers;
using KestrelTlsUpgrade.Connections.Sniffing;
using KestrelTlsUpgrade.Internal.Connections;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>
/// Waits for the first bytes of a connection and looks at them. Consumes only the head of an upgrade that is accepted, and holds back
/// nothing: a head that is not complete yet goes to plaintext HTTP at once.
/// </summary>
internal readonly struct ConnectionArrival : IPeekClassifier<ArrivedConnection>
{
    /// <summary>
    /// How long the second byte of a TLS record may take after the first one. Then Kestrel gets the connection, and its own timeout begins.
    /// </summary>
    private static readonly TimeSpan RecordHeaderTimeout = TimeSpan.FromSeconds(1);

    private readonly UpgradeConnection _connection;

    private ConnectionArrival(UpgradeConnection connection) => _connection = connection;

    /// <summary>Waits until the bytes say what comes. Accepts the upgrade of the first request, if that is what comes.</summary>
    public static ValueTask<ArrivedConnection> ReceiveAsync(UpgradeConnection connection)
    {
        var settings = connection.Settings;
        return PeekLoop.RunAsync<ConnectionArrival, ArrivedConnection>(
            connection.Context,
            new ConnectionArrival(connection),
            settings.Policy.Limits.KeepAliveTimeout,
            RecordHeaderTimeout,
            settings.Services.TimeProvider);
    }

    PeekVerdict<ArrivedConnection> IPeekClassifier<ArrivedConnection>.Classify(in ReadOnlySequence<byte> bytes)
    {
        var settings = _connection.Settings;
        if (settings.Rules.DirectTls is not DirectTlsMode.Off && FirstBytes.Classify(bytes) is var kind and not ArrivalKind.Plaintext)
        {
            return kind is ArrivalKind.Undecided
                ? PeekVerdict<ArrivedConnection>.Undecided(default)
                : PeekVerdict<ArrivedConnection>.Leave(new(kind));
        }

        // Only the first segment is examined: a head that does not fit there is upgraded as a later request would be. The active
        // settings decide on an offer, whatever they were when the connection was accepted.
        var headLength = FirstBytes.FindUpgradeHead(bytes.FirstSpan);
        if (headLength > 0
            && _connection.CurrentSettings is { } current
            && UpgradeHeadReader.Read(bytes.Slice(0, headLength), current.Policy) is { } upgrade)
        {
            upgrade.OfferedAt = settings.Services.TimeProvider.GetTimestamp();
            _connection.Accept(upgrade, current);
            return PeekVerdict<ArrivedConnection>.Take(headLength, new(ArrivalKind.Upgrade));
        }

        return bytes.IsEmpty
            ? PeekVerdict<ArrivedConnection>.Undecided(default)
            : PeekVerdict<ArrivedConnection>.Leave(new(ArrivalKind.Plaintext));
    }

    /// <summary>Kestrel judges what has arrived, and what it would make of a connection that failed or was closed.</summary>
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
