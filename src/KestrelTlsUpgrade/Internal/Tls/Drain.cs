using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// Reads and discards what a client still sends, so that closing does not cause a reset before the client has read the response.
/// </summary>
internal static class Drain
{
    /// <summary>Reads until the client closes or the limit is reached.</summary>
    public static async Task RunAsync(PipeReader input, int limit, CancellationToken cancellationToken)
    {
        var drained = 0L;
        while (drained < limit)
        {
            var read = await input.ReadAsync(cancellationToken);
            drained += read.Buffer.Length;
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
