using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The application's services as Kestrel's TLS gets to see them: with other loggers.</summary>
internal sealed class HandshakeServices(IServiceProvider inner, ILoggerFactory loggers) : IKeyedServiceProvider
{
    public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? loggers : inner.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) =>
        ((IKeyedServiceProvider)inner).GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
        ((IKeyedServiceProvider)inner).GetRequiredKeyedService(serviceType, serviceKey);
}
