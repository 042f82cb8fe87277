using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Selects the trusted roots.</summary>
internal static class TrustPolicy
{
    /// <summary>The policy for the given roots; <see langword="null"/> for none, which means the platform's.</summary>
    public static X509ChainPolicy? Create(X509Certificate2Collection? roots)
    {
        if (roots is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
