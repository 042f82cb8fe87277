using System.Buffers;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections.Sniffing;
using KestrelTlsUpgrade.Internal.Connections;

namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>
/// Waits for the first bytes of a connection and looks at them. Takes none, but for the head of an upgrade that is accepted,
/// and holds back nothing: a head that is not complete yet goes to plaintext HTTP at once.
/// </summary>
internal static class ConnectionArrival
{
    /// <summary>
    /// How long the second byte of a TLS record may take after the first one. Then Kestrel gets it, whose own timeout begins.
    /// </summary>
    private static readonly TimeSpan RecordHeaderTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Waits until the bytes say what comes. Accepts the upgrade of the first request, if that is what comes.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ArrivedConnection> ReceiveAsync(UpgradeConnection connection)
    {
        var context = connection.Context;
        var timeProvider = connection.Settings.Services.TimeProvider;
        var input = context.Transport.Input;
        var timeout = connection.Settings.Policy.Limits.KeepAliveTimeout;
        var isSilent = true;
        ArrivalWait? wait = null;
        try
        {
            while (true)
            {
                var read = input.ReadAsync();
                if (!read.IsCompleted)
                {
                    wait ??= ArrivalWait.Start(context, timeout, timeProvider);
                }

                var result = await read;
                var buffer = result.Buffer;
                var kind = Classify(buffer, connection, out var headLength);
                if (kind is not ArrivalKind.Undecided)
                {
                    input.AdvanceTo(buffer.GetPosition(headLength));
                    connection.Upgrade?.OfferedAt = timeProvider.GetTimestamp();
                    return new(kind);
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
                    EndedConnection.Tag(context, wait.IsTimedOut);
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

    private static ArrivalKind Classify(in ReadOnlySequence<byte> buffer, UpgradeConnection connection, out int headLength)
    {
        headLength = 0;
        if (connection.Settings.Rules.DirectTls is not DirectTlsMode.Off
            && FirstBytes.Classify(buffer) is var kind and not ArrivalKind.Plaintext)
        {
            return kind;
        }

        // Only the first segment is looked at: a head that does not fit there is upgraded as a later request would be. The settings
        // of the moment decide on an offer, whatever they were when the connection was accepted.
        headLength = FirstBytes.FindUpgradeHead(buffer.FirstSpan);
        if (headLength > 0
            && connection.CurrentSettings is { } settings
            && UpgradeHeadReader.Read(buffer.Slice(0, headLength), settings.Policy) is { } upgrade)
        {
            connection.Accept(upgrade, settings);
            return ArrivalKind.Upgrade;
        }

        headLength = 0;
        return buffer.IsEmpty ? ArrivalKind.Undecided : ArrivalKind.Plaintext;
    }
}
