using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The application's services for Kestrel's TLS, with a different logger factory.</summary>
internal sealed class HandshakeServices(IServiceProvider inner, ILoggerFactory loggers) : IKeyedServiceProvider
{
    public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? loggers : inner.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) =>
        ((IKeyedServiceProvider)inner).GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
        ((IKeyedServiceProvider)inner).GetRequiredKeyedService(serviceType, serviceKey);
}
