using System.Buffers;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Arrival;

/// <summary>
/// Waits for the first bytes of a connection and looks at them. Takes none, but for the head of an upgrade that is accepted,
/// and holds back nothing: a head that is not complete yet goes to plaintext HTTP at once.
/// </summary>
internal sealed class ConnectionArrival(UpgradePolicy policy, bool directTls, TimeProvider timeProvider)
{
    public async ValueTask<ArrivedConnection> ReceiveAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        ArrivalWait? wait = null;
        try
        {
            while (true)
            {
                var read = input.ReadAsync();
                if (!read.IsCompleted)
                {
                    wait ??= ArrivalWait.Start(connection, policy.Limits.KeepAliveTimeout, timeProvider);
                }

                var result = await read;
                var buffer = result.Buffer;
                var arrived = Classify(buffer);
                if (arrived.Kind is not ArrivalKind.Undecided)
                {
                    input.AdvanceTo(buffer.GetPosition(arrived.HeadLength));
                    return wait?.TryComplete() is false ? new(ArrivalKind.Ended) : arrived;
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    return new(buffer.IsEmpty ? ArrivalKind.Ended : ArrivalKind.Plaintext);
                }

                if (wait?.IsGivenUp is true)
                {
                    return new(ArrivalKind.Ended);
                }

                if (!buffer.IsEmpty)
                {
                    wait?.Continue(policy.Limits.RequestHeadersTimeout);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client is gone. Kestrel's HTTP meets the same exception and knows what to make of it.
            return new(ArrivalKind.Plaintext);
        }
        finally
        {
            wait?.TryComplete();
        }
    }

    private ArrivedConnection Classify(in ReadOnlySequence<byte> buffer)
    {
        if (directTls && FirstBytes.Classify(buffer) is var kind and not ArrivalKind.Plaintext)
        {
            return new(kind);
        }

        // Only the first segment is looked at: a head that does not fit there is upgraded as a later request would be.
        var headLength = FirstBytes.FindUpgradeHead(buffer.FirstSpan);
        if (headLength > 0 && UpgradeHeadReader.Read(buffer.Slice(0, headLength), policy) is { } upgrade)
        {
            return new(ArrivalKind.Upgrade, upgrade, headLength);
        }

        return new(buffer.IsEmpty ? ArrivalKind.Undecided : ArrivalKind.Plaintext);
    }
}
