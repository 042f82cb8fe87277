namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>A configured certificate is unusable.</summary>
/// <param name="path">The path of its section.</param>
/// <param name="fault">What is wrong, to append to the path. It is the same for every section that names the same file.</param>
/// <param name="reason">The exception of Kestrel's loader.</param>
internal sealed class UnusableCertificateException(string path, string fault, Exception? reason) : InvalidOperationException(path + fault, reason)
{
    public string Fault => fault;
}
