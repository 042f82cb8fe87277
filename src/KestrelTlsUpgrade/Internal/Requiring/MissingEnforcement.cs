using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// Prevents an application that requires TLS, but has not added the services that enforce it, from serving such endpoints. Without
/// AddTlsUpgrade() none of our services run, so constructing the attribute subscribes to routing's diagnostics. ASP.NET Core fails in the
/// same way if authorization metadata has no middleware.
/// </summary>
internal sealed class MissingEnforcement : IObserver<DiagnosticListener>
{
    private const string RoutingListener = "Microsoft.AspNetCore";
    private const string EndpointMatched = "Microsoft.AspNetCore.Routing.EndpointMatched";

    private static readonly ConditionalWeakTable<DiagnosticListener, Watch> Watches = [];

    /// <summary>Observes all applications in the process, including later ones. Idempotent.</summary>
    public static void StartWatching() => RuntimeHelpers.RunClassConstructor(typeof(MissingEnforcement).TypeHandle);

    static MissingEnforcement() => DiagnosticListener.AllListeners.Subscribe(new MissingEnforcement());

    /// <summary>Excludes an application that enforces the requirement.</summary>
    public static void StopWatching(DiagnosticListener routing) => Watches.GetValue(routing, static _ => new Watch()).Stop();

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == RoutingListener)
        {
            Watches.GetValue(value, static _ => new Watch()).Start(value);
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private sealed class Watch : IObserver<KeyValuePair<string, object?>>
    {
        private readonly Lock _lock = new();
        private IDisposable? _subscription;
        private bool _isStopped;

        public void Start(DiagnosticListener routing)
        {
            lock (_lock)
            {
                if (!_isStopped)
                {
                    _subscription ??= routing.Subscribe(this, static name => name == EndpointMatched);
                }
            }
        }

        public void Stop()
        {
            lock (_lock)
            {
                _isStopped = true;
                _subscription?.Dispose();
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == EndpointMatched
                && value.Value is HttpContext context
                && context.GetEndpoint() is { } endpoint
                && (endpoint.RequiresTls() is true || CircuitRequirement.InProcess.AppliesTo(endpoint)))
            {
                throw new InvalidOperationException(
                    $"The endpoint {endpoint.DisplayName} requires TLS, but nothing in the application enforces that. "
                    + "Call builder.WebHost.UseTlsUpgrade() or builder.Services.AddTlsUpgrade().");
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
