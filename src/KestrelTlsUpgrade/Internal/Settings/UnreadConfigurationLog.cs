using KestrelTlsUpgrade.Connections.Sections;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Logs parts of the configuration that cannot be read, once for all endpoints. A part that fails again and again is logged once a
/// minute.
/// </summary>
internal sealed partial class UnreadConfigurationLog(TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _logged = [];
    private readonly HashSet<string> _current = [];

    /// <param name="unread">All parts that cannot be read now.</param>
    public void Write(IEnumerable<UnreadConfiguration> unread)
    {
        var all = unread.DistinctBy(static part => part.Name).ToArray();
        foreach (var part in all)
        {
            if (!_current.Contains(part.Name) && (!_logged.TryGetValue(part.Name, out var at) || timeProvider.GetElapsedTime(at) >= Period))
            {
                _current.Add(part.Name);
                _logged[part.Name] = timeProvider.GetTimestamp();
                Log.NotRead(logger, part.Name, part.Reason);
            }
        }

        foreach (var name in _current.Except(all.Select(static part => part.Name)).ToArray())
        {
            _current.Remove(name);
            Log.ReadAgain(logger, name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Error, "{Configuration} {Reason} What was read from it before stays active until it can be read.", EventName = "ConfigurationNotRead")]
        public static partial void NotRead(ILogger logger, string configuration, string reason);

        [LoggerMessage(4, LogLevel.Information, "{Configuration} could be read again.", EventName = "ConfigurationReadAgain")]
        public static partial void ReadAgain(ILogger logger, string configuration);
    }
}
