using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>
/// The services that all endpoints of a package share within an application. An endpoint configured only in code has registered none, so
/// each has a default.
/// </summary>
/// <param name="provider">The application's services.</param>
/// <param name="category">The package's log category.</param>
internal abstract class PackageServices(IServiceProvider provider, string category)
{
    public IServiceProvider Provider => provider;

    public TimeProvider TimeProvider { get; } = (provider.GetService<ServerClock>() ?? ServerClock.System).TimeProvider;

    public ILogger Logger { get; } = (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger(category);

    public HostCoverage Coverage { get; } = new();
}
