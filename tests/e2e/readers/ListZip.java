// What Java sees in a zip: one line per entry with name (hex of its bytes), mode, kind, SHA-256. Bytes come through
// ZipFile, what Lambda's Java would use; modes through the zip file system, which alone shows them.
// Usage: java ListZip.java ZIP CHARSET

import java.nio.charset.Charset;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

public class ListZip {
  static int bits(java.util.Set<PosixFilePermission> permissions) {
    int mode = 0;
    for (char c : PosixFilePermissions.toString(permissions).toCharArray()) mode = mode << 1 | (c == '-' ? 0 : 1);
    return mode;
  }

  public static void main(String[] arguments) throws Exception {
    Charset charset = Charset.forName(arguments[1]);
    Path path = Path.of(arguments[0]);
    Map<String, Object> environment = Map.of("enablePosixFileAttributes", true, "encoding", arguments[1]);
    try (ZipFile zip = new ZipFile(path.toFile(), charset);
         FileSystem system = FileSystems.newFileSystem(path, environment)) {
      StringBuilder out = new StringBuilder();
      for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements();) {
        ZipEntry entry = entries.nextElement();
        byte[] bytes = zip.getInputStream(entry).readAllBytes();
        int mode = bits(Files.getPosixFilePermissions(system.getPath("/" + entry.getName())));
        out.append(HexFormat.of().formatHex(entry.getName().getBytes(charset))).append(' ');
        out.append(Integer.toOctalString(mode)).append(' ').append(entry.isDirectory() ? "folder" : "bytes").append(' ');
        out.append(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))).append('\n');
      }
      System.out.print(out);
    }
  }
}
