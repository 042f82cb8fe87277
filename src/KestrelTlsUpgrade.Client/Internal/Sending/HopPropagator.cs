using System.Diagnostics;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// Gives each hop of a request its own trace context. SocketsHttpHandler removes the fields of the previous hop only if it follows
/// redirects itself, so without this all hops would carry the first one's.
/// </summary>
internal sealed class HopPropagator(DistributedContextPropagator inner) : DistributedContextPropagator
{
    /// <summary>Marks a request whose fields are an earlier hop's.</summary>
    private static readonly HttpRequestOptionsKey<bool> InjectedKey = new("KestrelTlsUpgrade.TraceInjected");

    public override IReadOnlyCollection<string> Fields => inner.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (carrier is HttpRequestMessage request)
        {
            if (request.Options.TryGetValue(InjectedKey, out _))
            {
                foreach (var field in inner.Fields)
                {
                    request.Headers.Remove(field);
                }
            }

            request.Options.Set(InjectedKey, true);
        }

        inner.Inject(activity, carrier, setter);
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        inner.ExtractBaggage(carrier, getter);
}
