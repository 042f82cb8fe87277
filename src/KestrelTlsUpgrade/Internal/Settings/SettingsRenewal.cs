using KestrelTlsUpgrade.Internal.Endpoints;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Keeps the settings of one endpoint up to date. A state that it cannot take leaves the one before in force and is tried again:
/// at once when it changes, and now and then while it does not, as what it lacks need not show in it.
/// </summary>
internal sealed partial class SettingsRenewal(IUpgradeEndpoint endpoint, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMinutes(1);

    private SettingsState _seen = endpoint.State;
    private SettingsState? _failed;
    private long _failedAt;
    private bool _wasBound;
    private bool _wasInFlux;

    /// <summary>Whether Kestrel has stopped the endpoint since: one that was bound is not any more.</summary>
    public bool IsStopped(IReadOnlySet<string> addresses)
    {
        var isBound = addresses.Contains(endpoint.Address);
        _wasBound |= isBound;
        return _wasBound && !isBound;
    }

    /// <summary>Looks once. Returns whether other settings are in force now.</summary>
    public bool Look()
    {
        try
        {
            var state = endpoint.GetState();
            _wasInFlux = false;
            return Look(state);
        }
        catch (InvalidOperationException) when (!_wasInFlux)
        {
            // The values of a provider cannot be listed while they are being set. The next look finds them at rest.
            _wasInFlux = true;
            return false;
        }
        catch (Exception exception)
        {
            // Whatever it is, the endpoint goes on as before.
            Report(exception);
            return false;
        }
    }

    private bool Look(SettingsState state)
    {
        if (state == endpoint.State)
        {
            (_seen, _failed, endpoint.ReloadFailure) = (state, null, null);
            return false;
        }

        // Whoever is still writing gets the time to finish: files of a pair, or a file, are not changed in one moment.
        var isAtRest = state == _seen;
        _seen = state;
        return isAtRest && (state != _failed || timeProvider.GetElapsedTime(_failedAt) >= RetryPeriod) && TryReload(state);
    }

    private bool TryReload(SettingsState state)
    {
        try
        {
            endpoint.Reload();
            (_failed, endpoint.ReloadFailure) = (null, null);
            Log.Reloaded(logger, endpoint.Address);
            return true;
        }
        catch (Exception exception)
        {
            (_failed, _failedAt) = (state, timeProvider.GetTimestamp());
            Report(exception);
            return false;
        }
    }

    /// <summary>Once, however often it is tried.</summary>
    private void Report(Exception exception)
    {
        if (endpoint.ReloadFailure != exception.Message)
        {
            endpoint.ReloadFailure = exception.Message;
            Log.NotReloaded(logger, endpoint.Address, exception.Message, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The endpoint {Endpoint} has taken up changed settings or a renewed certificate, for new connections.", EventName = "SettingsReloaded")]
        public static partial void Reloaded(ILogger logger, string endpoint);

        [LoggerMessage(2, LogLevel.Error, "The endpoint {Endpoint} cannot take up its changed settings and goes on with those from before. It will try again. {Failure}", EventName = "SettingsNotReloaded")]
        public static partial void NotReloaded(ILogger logger, string endpoint, string failure, Exception exception);
    }
}
