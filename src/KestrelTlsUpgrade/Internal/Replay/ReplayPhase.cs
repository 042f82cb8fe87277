using System.Diagnostics;
using System.Net.Security;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>
/// The time in which an upgraded connection answers its plaintext request. The author of the request need not be the TLS client
/// (CVE-2009-3555), so the request does not see the client's identity, and any state it sets is removed with it. The response ends the
/// phase.
/// </summary>
internal sealed class ReplayPhase
{
    private readonly UpgradeConnection _connection;
    private readonly IFeatureCollection _features;
    private readonly TlsUpgradeFeature _upgrade;
    private readonly List<(Type Key, object? Value)> _hidden = new(capacity: 6);

    private ReplayPhase(UpgradeConnection connection, TlsUpgradeFeature upgrade, bool isGated)
    {
        _connection = connection;
        _features = connection.Context.Features;
        _upgrade = upgrade;
        IsGated = isGated;
    }

    /// <summary>
    /// Whether the request must not run: a client certificate is required, and the author of the request need not be its holder.
    /// </summary>
    public bool IsGated { get; }

    /// <summary>The span of the request that got the 101, if there is one: the request has another one for its answer.</summary>
    public ActivityContext SwitchedSpan { get; private init; }

    /// <summary>Set if the way in which the client takes the answer shows whether TLS works for it.</summary>
    public FallbackTrial? Trial { get; private init; }

    public static void Begin(
        UpgradeConnection connection,
        TlsUpgradeFeature upgrade,
        bool isGated,
        bool showsIdentity,
        ActivityContext switchedSpan,
        FallbackTrial? trial)
    {
        var phase = new ReplayPhase(connection, upgrade, isGated) { SwitchedSpan = switchedSpan, Trial = trial };
        connection.Replay = phase;
        phase._features.Set<ITlsUpgradeFeature>(upgrade);
        phase.Replace<IConnectionItemsFeature>(new ReplayItems(connection.Context));
        if (!showsIdentity)
        {
            phase.HideIdentity();
        }
    }

    /// <summary>Gives the request persistent state of its own. Its response ends the phase.</summary>
    public void Apply(HttpContext context)
    {
        context.Features.Set<IPersistentStateFeature>(new ReplayState());
        if (Trial is { } trial)
        {
            context.Response.OnStarting(static trial =>
            {
                ((FallbackTrial)trial).AnswerBegins();
                return Task.CompletedTask;
            }, trial);
        }

        context.Response.OnCompleted(static phase =>
        {
            ((ReplayPhase)phase).End();
            return Task.CompletedTask;
        }, this);
    }

    /// <summary>Later requests arrive over TLS.</summary>
    private void End()
    {
        foreach (var (key, value) in _hidden)
        {
            _features[key] = value;
        }

        _features.Set<ITlsUpgradeFeature>(_upgrade.AfterReplay());
        _connection.Replay = null;
    }

    private void HideIdentity()
    {
        var anonymous = new AnonymousTlsFeature(
            _features.GetRequiredFeature<ITlsHandshakeFeature>(),
            _features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol ?? default);
        Replace<ITlsConnectionFeature>(anonymous);
        Replace<ITlsHandshakeFeature>(anonymous);
        Replace<ITlsApplicationProtocolFeature>(anonymous);
        Replace<ISslStreamFeature>(null);
        Replace<SslStream>(null);
    }

    private void Replace<TFeature>(TFeature? feature)
    {
        _hidden.Add((typeof(TFeature), _features[typeof(TFeature)]));
        _features.Set(feature);
    }

    /// <summary>Later requests on the connection do not see this state.</summary>
    private sealed class ReplayState : IPersistentStateFeature
    {
        private Dictionary<object, object?>? _state;

        public IDictionary<object, object?> State => _state ??= [];
    }

    /// <summary>Negotiate and NTLM store the identity of a connection in its items.</summary>
    private sealed class ReplayItems(ConnectionContext connection) : IConnectionItemsFeature
    {
        private IDictionary<object, object?>? _items;

        public IDictionary<object, object?> Items
        {
            get => _items ??= new ConnectionItems(new Dictionary<object, object?>(connection.Items));
            set => _items = value;
        }
    }
}
