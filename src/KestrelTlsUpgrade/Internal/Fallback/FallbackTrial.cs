using System.IO.Pipelines;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>The accepted offer of a caller of which it is not known yet whether TLS works for it.</summary>
/// <param name="memory">Where the outcome is kept.</param>
/// <param name="key">The caller, and the host that it asked for.</param>
/// <param name="sharedKey">The key under which other instances learn of the outcome, if they do.</param>
internal sealed class FallbackTrial(FallbackMemory memory, FallbackKey key, string? sharedKey)
{
    public FallbackKey Key => key;

    public string? SharedKey => sharedKey;

    /// <summary>The upgrade was not carried out.</summary>
    public void Abandon() => memory.Abandon(this);

    /// <summary>Ends the trial after a failure, and reports the caller if its next offers are declined.</summary>
    public void Fail(ConnectionContext connection, UpgradeRequest request, FailureCause cause, Exception? failure, SettingsSnapshot settings)
    {
        if (memory.Fail(this, FallbackCause.Of(cause, failure), out var isFirst) is not { } declined)
        {
            return;
        }

        var services = settings.Services;
        services.Observers.CallerFellBack(new(
            connection,
            request.UserAgent,
            request.Host,
            cause,
            services.TimeProvider.GetUtcNow() + declined,
            isFirst,
            settings.Options.LogClientAddresses));
    }

    /// <summary>
    /// Waits whether the client leaves now that it has seen everything of the handshake: many check the server's name last. They get as
    /// long as the handshake took. Returns whether the client has stayed.
    /// </summary>
    /// <param name="input">What TLS receives. Nothing is consumed.</param>
    /// <param name="patience">How long the handshake took.</param>
    /// <param name="timeProvider">The server's clock.</param>
    public async Task<bool> IsKeptAsync(PipeReader input, TimeSpan patience, TimeProvider timeProvider)
    {
        var isKept = true;
        if (patience > TimeSpan.Zero)
        {
            using var timeout = new CancellationTokenSource(patience < FallbackMemory.FirstLimit ? patience : FallbackMemory.FirstLimit, timeProvider);
            try
            {
                var result = await input.ReadAsync(timeout.Token);
                isKept = !result.IsCompleted || !result.Buffer.IsEmpty;
                input.AdvanceTo(result.Buffer.Start);
            }
            catch (OperationCanceledException)
            {
                // It waits for the answer.
            }
            catch (IOException)
            {
                isKept = false;
            }
        }

        if (isKept)
        {
            memory.Succeed(this);
        }

        return isKept;
    }
}
