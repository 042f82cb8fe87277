using KestrelTlsUpgrade.Connections.Sniffing;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal;

/// <summary>Waits for the header of a connection and consumes it. The bytes after it stay unread.</summary>
internal sealed class ProxyHeaderArrival(TimeSpan timeout, TimeProvider timeProvider)
{
    /// <summary>
    /// Returns the header, or an invalid one if none arrives in time. Returns an incomplete one if nothing is wrong: the proxy closed the
    /// connection before it sent anything, or the server shuts down.
    /// </summary>
    public async ValueTask<ProxyHeader> ReceiveAsync(ConnectionContext connection)
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
                    wait ??= ArrivalWait.Start(connection, timeout, timeProvider);
                }

                var result = await read;
                var buffer = result.Buffer;
                var header = ProxyHeaderReader.Read(buffer);
                if (header.Kind is not ProxyHeaderKind.Incomplete)
                {
                    input.AdvanceTo(buffer.GetPosition(header.Length));
                    return header;
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    return buffer.IsEmpty ? header : ProxyHeader.Invalid("the connection ended within it");
                }

                if (wait is { IsGivenUp: true })
                {
                    return wait.IsTimedOut ? ProxyHeader.Invalid("it did not come in time") : header;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return ProxyHeader.Incomplete;
        }
        finally
        {
            wait?.End();
        }
    }
}
