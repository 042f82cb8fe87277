using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>
/// Waits for the first bytes of a connection as long as Kestrel would, and shows them to a classifier. It consumes what the classifier
/// takes and nothing else, and holds nothing back: the next reader sees at once whatever was left.
/// </summary>
internal static class PeekLoop
{
    /// <param name="connection">The connection.</param>
    /// <param name="classifier">Decides what the bytes are.</param>
    /// <param name="timeout">How long the first byte may take.</param>
    /// <param name="timeoutOnceBegun">How long the rest may take after the first byte, where that has a limit of its own.</param>
    /// <param name="timeProvider">The clock.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<T> RunAsync<TClassifier, T>(
        ConnectionContext connection, TClassifier classifier, TimeSpan timeout, TimeSpan? timeoutOnceBegun, TimeProvider timeProvider)
        where TClassifier : IPeekClassifier<T>
    {
        var input = connection.Transport.Input;
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
                var verdict = classifier.Classify(buffer);
                if (verdict.IsDecided)
                {
                    input.AdvanceTo(buffer.GetPosition(verdict.Taken));
                    return verdict.Value;
                }

                var end = result.IsCompleted ? PeekEnd.Completed
                    : wait is not { IsGivenUp: true } ? PeekEnd.None
                    : wait.IsTimedOut ? PeekEnd.TimedOut
                    : PeekEnd.ShutDown;
                input.AdvanceTo(buffer.Start, end is PeekEnd.None ? buffer.End : buffer.Start);
                if (end is not PeekEnd.None)
                {
                    return classifier.End(connection, end, verdict.Value, isSilent: buffer.IsEmpty);
                }

                if (!buffer.IsEmpty && isSilent)
                {
                    isSilent = false;
                    timeout = timeoutOnceBegun ?? timeout;
                    if (timeoutOnceBegun is not null)
                    {
                        wait?.Restart(timeout);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return classifier.End(connection, PeekEnd.Failed, default, isSilent);
        }
        finally
        {
            wait?.End();
        }
    }
}
