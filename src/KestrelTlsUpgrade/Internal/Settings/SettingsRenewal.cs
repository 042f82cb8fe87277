using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Keeps the settings of one endpoint up to date: a reload runs the pipeline of the start again and swaps the snapshot. If a
/// configuration state cannot be applied, the previous settings stay active, and the state is retried when it changes, and periodically,
/// because the reason may lie outside of it.
/// </summary>
internal sealed partial class SettingsRenewal(IUpgradeEndpoint endpoint, SharedFailures failures, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMinutes(1);

    private SettingsState _seen = endpoint.State;
    private SettingsState? _failed;
    private long _failedAt;
    private bool _wasBound;
    private bool _wasInFlux;

    /// <summary>Whether Kestrel has stopped the endpoint: it was bound and no longer is.</summary>
    public bool IsStopped(IReadOnlySet<string> addresses)
    {
        var isBound = addresses.Contains(endpoint.Address);
        _wasBound |= isBound;
        return _wasBound && !isBound;
    }

    /// <summary>Checks once. Returns true if new settings were applied.</summary>
    public bool Check()
    {
        try
        {
            var state = endpoint.GetState();
            _wasInFlux = false;
            return Check(state);
        }
        catch (InvalidOperationException) when (!_wasInFlux)
        {
            // The values of a provider cannot be enumerated while they are being set. The next check will succeed.
            _wasInFlux = true;
            return false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever the failure is, the endpoint keeps its settings.
            Report(exception);
            return false;
        }
    }

    private bool Check(SettingsState state)
    {
        if (state == endpoint.State)
        {
            (_seen, _failed, endpoint.ReloadFailure) = (state, null, FindUnread());
            return false;
        }

        // Wait until two checks see the same state: a file, or a pair of files, is not written atomically.
        var isAtRest = state == _seen;
        _seen = state;
        return isAtRest && (state != _failed || timeProvider.GetElapsedTime(_failedAt) >= RetryPeriod) && TryReload(state);
    }

    private bool TryReload(SettingsState state)
    {
        try
        {
            endpoint.Reload();
            (_failed, endpoint.ReloadFailure) = (null, FindUnread());
            Log.Reloaded(logger, endpoint.Address);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            (_failed, _failedAt) = (state, timeProvider.GetTimestamp());
            Report(exception);
            return false;
        }
    }

    /// <summary>Not logged here: it is the same for all endpoints.</summary>
    private string? FindUnread() => endpoint.Unread.Select(static unread => unread.ToString()).FirstOrDefault();

    /// <summary>Logs a failure once, however often it recurs.</summary>
    private void Report(Exception exception)
    {
        if (endpoint.ReloadFailure != exception.Message)
        {
            endpoint.ReloadFailure = exception.Message;

            // These say all that there is to say.
            var unexpected = exception is UnusableCertificateException or OptionsValidationException ? null : exception;
            if (failures.TryClaim((exception as UnusableCertificateException)?.Fault ?? exception.Message, this))
            {
                Log.NotReloaded(logger, endpoint.Address, exception.Message, unexpected);
            }
            else
            {
                Log.NotReloadedEither(logger, endpoint.Address, exception.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The endpoint {Endpoint} has applied changed settings or a renewed certificate for new connections.", EventName = "SettingsReloaded")]
        public static partial void Reloaded(ILogger logger, string endpoint);

        [LoggerMessage(2, LogLevel.Error, "The endpoint {Endpoint} could not apply its changed settings and keeps the previous ones. It will try again. {Failure}", EventName = "SettingsNotReloaded")]
        public static partial void NotReloaded(ILogger logger, string endpoint, string failure, Exception? exception);

        [LoggerMessage(5, LogLevel.Debug, "The endpoint {Endpoint} keeps its settings for the same reason. {Failure}", EventName = "SettingsNotReloadedEither")]
        public static partial void NotReloadedEither(ILogger logger, string endpoint, string failure);
    }
}
