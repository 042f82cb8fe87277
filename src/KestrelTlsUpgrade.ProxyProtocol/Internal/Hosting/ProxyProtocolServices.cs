using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Connections.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;

/// <summary>What the endpoints of an application with the PROXY protocol share.</summary>
internal sealed class ProxyProtocolServices
{
    /// <summary>A table instead of services, because an endpoint that is set up in code alone adds none.</summary>
    private static readonly ConditionalWeakTable<IServiceProvider, ProxyProtocolServices> All = [];

    private ProxyProtocolServices(IServiceProvider provider)
    {
        Provider = provider;
        TimeProvider = provider.GetService<TimeProvider>() ?? TimeProvider.System;
        Logger = (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("KestrelTlsUpgrade.ProxyProtocol");
        LogLimiter = provider.GetService<CallerLogLimiter>() ?? new(TimeProvider);
    }

    public IServiceProvider Provider { get; }

    public TimeProvider TimeProvider { get; }

    public ILogger Logger { get; }

    public CallerLogLimiter LogLimiter { get; }

    public HostCoverage Coverage { get; } = new();

    public static ProxyProtocolServices Of(IServiceProvider provider) =>
        All.GetValue(provider, static key => new ProxyProtocolServices(key));
}
