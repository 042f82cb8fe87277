namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>
/// The clock for certificates, timeouts and limits. It is the system's, as in Kestrel: a <see cref="TimeProvider"/> that the application
/// registers is for its own purposes, and may stand still. Only tests replace it.
/// </summary>
internal sealed class ServerClock(TimeProvider timeProvider)
{
    public static ServerClock System { get; } = new(TimeProvider.System);

    public TimeProvider TimeProvider => timeProvider;
}
