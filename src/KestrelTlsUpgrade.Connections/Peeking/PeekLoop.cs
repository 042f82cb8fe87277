using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections.Pipes;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Connections.Peeking;

/// <summary>
/// Waits for the first bytes of a connection for as long as Kestrel would, and passes them to a classifier. Consumes only what the
/// classifier takes. The next reader sees the rest at once.
/// </summary>
internal static class PeekLoop
{
    /// <param name="connection">The connection.</param>
    /// <param name="classifier">Classifies the bytes.</param>
    /// <param name="timeout">How long to wait for the first byte.</param>
    /// <param name="timeoutOnceBegun">How long to wait for the rest after the first byte, if that has its own limit.</param>
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
                    if (end is not PeekEnd.Completed && !buffer.IsEmpty)
                    {
                        connection.Transport = new TransportPipe(new ExaminedPipeReader(input), connection.Transport.Output);
                    }

                    return classifier.End(connection, end, verdict.Value, isSilent: buffer.IsEmpty);
                }

                if (!buffer.IsEmpty && isSilent)
                {
                    isSilent = false;
                    if (timeoutOnceBegun is { } rest)
                    {
                        timeout = rest;
                        wait?.Restart(rest);
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
