using System.Buffers;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections.Sniffing;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Arrival;

/// <summary>
/// Waits for the first bytes of a connection and looks at them. Takes none, but for the head of an upgrade that is accepted,
/// and holds back nothing: a head that is not complete yet goes to plaintext HTTP at once.
/// </summary>
internal sealed class ConnectionArrival(UpgradePolicy policy, bool directTls, TimeProvider timeProvider)
{
    /// <summary>
    /// How long the second byte of a TLS record may take after the first one. Then Kestrel gets it, whose own timeout begins.
    /// </summary>
    private static readonly TimeSpan RecordHeaderTimeout = TimeSpan.FromSeconds(1);

    /// <param name="connection">The connection.</param>
    /// <param name="active">The settings by then: they decide on an offer, whatever there was when the connection arrived.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ArrivedConnection> ReceiveAsync(ConnectionContext connection, ActiveSettings active)
    {
        var input = connection.Transport.Input;
        var timeout = policy.Limits.KeepAliveTimeout;
        var isSilent = true;
        ArrivalWait? wait = null;
        try
        {
            while (true)
            {
                var read = input.ReadAsync();
                if (!read.IsCompleted)
                {
                    wait ??= ArrivalWait.Start(connection, timeout, timeProvider);
                }

                var result = await read;
                var buffer = result.Buffer;
                var arrived = Classify(buffer, active);
                if (arrived.Kind is not ArrivalKind.Undecided)
                {
                    input.AdvanceTo(buffer.GetPosition(arrived.HeadLength));
                    arrived.Upgrade?.OfferedAt = timeProvider.GetTimestamp();
                    return arrived;
                }

                // Where it ends here, what has come is for Kestrel to judge, as is a connection that closes without a word.
                var isLast = result.IsCompleted || (wait is { IsGivenUp: true } && !buffer.IsEmpty);
                input.AdvanceTo(buffer.Start, isLast ? buffer.Start : buffer.End);
                if (isLast)
                {
                    return new(ArrivalKind.Plaintext, IsSilent: buffer.IsEmpty);
                }

                if (wait is { IsGivenUp: true })
                {
                    EndedConnection.Tag(connection, wait.IsTimedOut);
                    return new(ArrivalKind.Ended, IsSilent: true);
                }

                if (!buffer.IsEmpty)
                {
                    isSilent = false;
                    timeout = RecordHeaderTimeout;
                    wait?.Restart(timeout);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client is gone. Kestrel's HTTP meets the same exception and knows what to make of it.
            return new(ArrivalKind.Plaintext, IsSilent: isSilent);
        }
        finally
        {
            wait?.End();
        }
    }

    private ArrivedConnection Classify(in ReadOnlySequence<byte> buffer, ActiveSettings active)
    {
        if (directTls && FirstBytes.Classify(buffer) is var kind and not ArrivalKind.Plaintext)
        {
            return new(kind);
        }

        // Only the first segment is looked at: a head that does not fit there is upgraded as a later request would be.
        var headLength = FirstBytes.FindUpgradeHead(buffer.FirstSpan);
        if (headLength > 0
            && active.Current is { Policy: var current }
            && UpgradeHeadReader.Read(buffer.Slice(0, headLength), current) is { } upgrade)
        {
            return new(ArrivalKind.Upgrade, upgrade, headLength);
        }

        return new(buffer.IsEmpty ? ArrivalKind.Undecided : ArrivalKind.Plaintext);
    }
}
