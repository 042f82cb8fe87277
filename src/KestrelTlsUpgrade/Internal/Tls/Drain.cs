using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>Reads what a client still sends and discards it, so that closing does not reset what it has not read yet.</summary>
internal static class Drain
{
    /// <summary>Reads until the client closes, or has sent as much as it may.</summary>
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
