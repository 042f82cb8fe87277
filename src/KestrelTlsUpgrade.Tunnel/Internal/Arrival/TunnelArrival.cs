using KestrelTlsUpgrade.Internal.Arrival;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Waits for a connection's first bytes as long as Kestrel would, and examines them. Consumes the head of a CONNECT, and nothing of
/// anything else.
/// </summary>
internal sealed class TunnelArrival(KestrelServerLimits limits, TimeProvider timeProvider)
{
    public long MaxHeadLength => (long)limits.MaxRequestLineSize + limits.MaxRequestHeadersTotalSize;

    public async ValueTask<ArrivedRequest> ReceiveAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var timeout = limits.KeepAliveTimeout;
        var hasBegun = false;
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
                var kind = FirstRequest.Classify(buffer, MaxHeadLength, out var length);
                if (kind is FirstRequestKind.Connect)
                {
                    var request = ConnectHeadReader.Read(buffer.Slice(0, length), limits, out var status);
                    input.AdvanceTo(buffer.GetPosition(length));
                    return new(kind, request, status);
                }

                if (kind is FirstRequestKind.Other && LeadingOptions.FindHead(buffer) is > 0 and var headLength)
                {
                    input.AdvanceTo(buffer.Start);
                    return new(FirstRequestKind.LeadingOptions, HeadLength: headLength);
                }

                var isGivenUp = wait is { IsGivenUp: true };
                if (kind is FirstRequestKind.Incomplete && isGivenUp)
                {
                    kind = wait!.IsTimedOut ? FirstRequestKind.TimedOut : FirstRequestKind.Ended;
                }

                // If waiting ends here, Kestrel judges the bytes received so far, or the silent connection.
                var isUndecided = kind is FirstRequestKind.Undecided or FirstRequestKind.Incomplete;
                if (isUndecided && (result.IsCompleted || (isGivenUp && !buffer.IsEmpty)))
                {
                    kind = FirstRequestKind.Other;
                    isUndecided = false;
                }

                input.AdvanceTo(buffer.Start, isUndecided ? buffer.End : buffer.Start);
                if (!isUndecided)
                {
                    return new(kind);
                }

                if (isGivenUp)
                {
                    EndedConnection.Tag(connection, wait!.IsTimedOut);
                    return new(FirstRequestKind.Ended);
                }

                if (!buffer.IsEmpty && !hasBegun)
                {
                    hasBegun = true;
                    timeout = limits.RequestHeadersTimeout;
                    wait?.Restart(timeout);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client is gone. Kestrel's HTTP layer gets the same exception and handles it.
            return new(FirstRequestKind.Other);
        }
        finally
        {
            wait?.End();
        }
    }
}
