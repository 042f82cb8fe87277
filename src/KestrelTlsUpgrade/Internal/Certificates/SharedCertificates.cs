using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// The certificates that have been loaded, each once for all endpoints that configure the same one. A file that does not answer makes
/// nobody wait but the start.
/// </summary>
internal sealed class SharedCertificates(CertificateFiles files, DetachedWork work, IHostApplicationLifetime lifetime)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Loaded> _loaded = [];

    /// <summary>Finds a content that another endpoint has loaded, or loads it.</summary>
    public CertificateContent Find(KeyValuePair<string, string?>[] settings, string[] paths, Func<CertificateContent> load)
    {
        if (Array.Find(paths, path => !files.HasAnswered(path)) is { } unknown)
        {
            return DoesNotAnswer(unknown);
        }

        var key = GetKey(settings, paths);
        lock (_lock)
        {
            var look = files.Look;
            if (_loaded.TryGetValue(key, out var known) && known.Find(look) is { } found)
            {
                return found;
            }

            foreach (var (gone, _) in _loaded.Where(pair => pair.Value.Find(look) is null).ToArray())
            {
                _loaded.Remove(gone);
            }

            // It has answered before, but the thread that loads it now would be lost, with every attempt.
            if (Array.Find(paths, files.IsSilent) is { } silent)
            {
                return DoesNotAnswer(silent);
            }

            CertificateContent? content = null;
            var isUnchanged = false;
            var hasEnded = work.TryRun(
                () =>
                {
                    content = load();
                    isUnchanged = paths.All(files.IsUnchanged);
                },
                CertificateFiles.StartLimit,
                lifetime.ApplicationStopping);
            if (!hasEnded)
            {
                content = new() { Fault = " cannot be loaded: its file does not answer, as those of a hung network mount." };
            }
            else if (!isUnchanged)
            {
                // This is not the content of its hash.
                return content!;
            }

            _loaded[key] = new(content!, look, isFromFiles: paths.Length > 0);
            return content!;
        }
    }

    private CertificateContent DoesNotAnswer(string path) => new() { Fault = $": {files.GetFullPath(path)} does not answer, as files of a hung network mount." };

    /// <summary>The same for the same settings and contents of files, whichever section names them.</summary>
    private string GetKey(IEnumerable<KeyValuePair<string, string?>> settings, IEnumerable<string> paths)
    {
        var key = new StringBuilder();
        foreach (var (name, value) in settings.OrderBy(static setting => setting.Key, StringComparer.OrdinalIgnoreCase))
        {
            key.Append(name.ToUpperInvariant()).Append('=').Append(value?.Length ?? -1).Append(':').Append(value);
        }

        foreach (var path in paths)
        {
            key.Append('/').Append(Convert.ToHexString(files.GetContentHash(path)));
        }

        // No password stays in memory on this account.
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())));
    }

    /// <summary>A content that later endpoints can share: within the look, and a certificate from files as long as an endpoint uses it.</summary>
    private sealed class Loaded(CertificateContent content, int look, bool isFromFiles)
    {
        private readonly WeakReference<X509Certificate2>? _certificate =
            isFromFiles && content.Certificate is { } certificate ? new(certificate) : null;

        private readonly X509Certificate2Collection? _chain = content.Chain;
        private CertificateContent? _content = content;

        public CertificateContent? Find(int current)
        {
            if (current == look)
            {
                return _content;
            }

            _content = null;
            return _certificate is not null && _certificate.TryGetTarget(out var certificate) ? new() { Certificate = certificate, Chain = _chain } : null;
        }
    }
}
