using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>What a server answered up to the end of the connection, and whether that end was a TCP reset.</summary>
internal sealed record Exchange(string Answer, bool IsReset)
{
    /// <summary>Sends the segments and reads until the server closes. The client never closes first.</summary>
    public static async Task<Exchange> RunAsync(UpgradeServer server, IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        await using var connection = await server.ConnectAsync();
        var sending = SendAsync(connection, segments, timeout.Token);
        var isReset = await ReadToEndAsync(connection, timeout.Token);
        await sending;
        return new Exchange(Encoding.Latin1.GetString(connection.Wire.Received), isReset);
    }

    private static async Task SendAsync(
        RawConnection connection, IReadOnlyList<ReadOnlyMemory<byte>> segments, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            foreach (var segment in segments)
            {
                await connection.Wire.WriteAsync(segment, cancellationToken);

                // Lets the server's reads have their turn; nothing depends on whether they took it.
                for (var turn = 0; turn < 4; turn++)
                {
                    await Task.Yield();
                }
            }
        }
        catch (IOException)
        {
            // The server has closed, with or without an answer: reading tells.
        }
    }

    private static async Task<bool> ReadToEndAsync(RawConnection connection, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await connection.Wire.ReadAsync(buffer, cancellationToken) > 0)
            {
            }

            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
